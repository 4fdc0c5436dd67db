package render_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/render"
	"github.com/divinedevops/probe/vocabulary"
)

// hostile is what a model's files could say to a terminal: colours, a bell, a cleared screen, text that runs backwards, a
// line of its own.
const hostile = "h\x1b[31m\a\x1b[2J\u202eexe.\u2066\u200b\x7f\u009b\u2028\r\nFAKE\tx\U000e0041|<b>"

// TestControlCharacters puts hostile text into every string of a report and looks for it in every format.
func TestControlCharacters(t *testing.T) {
	t.Parallel()
	for _, failing := range []bool{false, true} {
		r := &probe.Report{}
		fill(reflect.ValueOf(r).Elem())
		if !failing {
			r.Error = nil
		}
		r.Findings = map[string]detect.Finding{
			vocabulary.KeyPooling:            {Reason: hostile, ReasonCode: vocabulary.ReasonQuick},
			vocabulary.KeyEmbeddingDimension: {Reason: hostile},
			vocabulary.KeyNormalization:      {Value: hostile, Evidence: detect.CountedEvidence{Method: hostile}},
			vocabulary.KeyKnownAs:            {Value: hostile, Evidence: detect.CountedEvidence{Method: hostile}},
			vocabulary.KeyModalities:         {Value: []string{hostile}},
			vocabulary.KeyDistanceMetric:     {Value: hostile},
			vocabulary.KeyPromptsNeeded:      {Value: map[string]string{hostile: hostile}, Reason: hostile},
		}
		r.Drift = []detect.Drift{{Key: hostile, Declared: hostile, Measured: map[string]string{hostile: hostile}}}
		r.DeclaredIn = map[string]string{hostile: hostile}
		hints := render.Hints{
			Reason:  func(string) string { return "use --a-flag" },
			Failure: func(*probe.Failure) string { return "use --another" },
		}
		for _, format := range render.Formats() {
			doc, err := render.Report(r, format, render.Options{Hints: hints})
			if err != nil {
				t.Fatal(err)
			}
			text := string(doc)
			if !strings.Contains(text, "FAKE") {
				t.Errorf("%s does not show what was put in", format)
			}
			for i, c := range text {
				if c != '\n' && (unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp)) {
					t.Errorf("%s holds %U: %q", format, c, text[max(0, i-20):min(len(text), i+20)])
				}
			}
			for _, line := range strings.Split(text, "\n") {
				if strings.HasPrefix(strings.TrimSpace(line), "FAKE") && format == "markdown" {
					t.Errorf("markdown has a line of the model's own: %q", line)
				}
			}
			want := "use --a-flag"
			if failing {
				want = "use --another"
			}
			if format != "json" && !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
				t.Errorf("%s lacks the hint %q:\n%s", format, want, text)
			}
		}
	}
}

// fill puts hostile text into every string that v holds, and allocates every pointer.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		if v.Type().Elem().Kind() != reflect.String {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(hostile), reflect.ValueOf(hostile))
	}
}

func TestTextIsNarrow(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long/name", 20)
	twelve := 12
	r := &probe.Report{Name: long, Dimension: &twelve, Findings: map[string]detect.Finding{
		vocabulary.KeyKnownAs:       {Value: "x" + long, Evidence: detect.KnownEvidence{Relation: detect.RelationNear, Distance: 9}},
		vocabulary.KeyNormalization: {Value: "none", Evidence: detect.NormEvidence{Texts: 2, Min: 1.23e-300, Max: 4.56e+300}},
		vocabulary.KeyPooling:       {Value: strings.Repeat("mean+", 30)},
	}}
	r.Model.ModelType, r.Declared.Pooling = &long, &long
	doc, err := render.Report(r, "text", render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(doc), "\n") {
		if utf8.RuneCountInString(line) > render.Width {
			t.Errorf("wider than %d columns: %q", render.Width, line)
		}
	}
	if !strings.Contains(string(doc), "near, 9 bits off") {
		t.Errorf("the summary was cut, not the name:\n%s", doc)
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	if _, err := render.Report(&probe.Report{}, "pdf", render.Options{}); err == nil ||
		!strings.Contains(err.Error(), `expected the format text, json or markdown, found "pdf"`) {
		t.Errorf("%v", err)
	}
}
