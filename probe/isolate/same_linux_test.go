package isolate_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/probe/isolate"
)

// TestSameReport: but for times and memory, a report from a child is the report of this process, in its JSON to the byte
// and in its types, so that what is printed of it is the same.
func TestSameReport(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bert-mean-l2", "bert-cls-mean-concat", "bert-prompt", "clip", "../broken/safetensors-truncated", "nothing"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := probe.Options{Ref: testenv.Zoo(name), Backend: "go", Quick: true}
			want, got := probe.Measure(t.Context(), o), isolate.Measure(t.Context(), o, isolate.Options{})
			valid(t, got)
			if !got.Environment.Isolated || want.Environment.Isolated {
				t.Error("the reports do not say which of them was isolated")
			}
			wantJSON, gotJSON := still(t, want), still(t, got)
			if diff := cmp.Diff(strings.Split(wantJSON, "\n"), strings.Split(gotJSON, "\n")); diff != "" {
				t.Errorf("in this process (-) and in a child (+):\n%s", diff)
			}
			for key, f := range want.Findings {
				if a, b := reflect.TypeOf(f.Evidence), reflect.TypeOf(got.Findings[key].Evidence); a != b {
					t.Errorf("evidence of %s: %v became %v", key, a, b)
				}
				if a, b := reflect.TypeOf(f.Value), reflect.TypeOf(got.Findings[key].Value); a != b {
					t.Errorf("value of %s: %v became %v", key, a, b)
				}
			}
		})
	}
}

// still is a report's JSON without what differs from run to run.
func still(t *testing.T, r *probe.Report) string {
	t.Helper()
	quiet := *r
	quiet.Timings, quiet.Memory, quiet.Environment.Isolated = probe.Timings{}, probe.Memory{}, false
	doc, err := json.MarshalIndent(quiet, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

// TestCallbacks: the steps and the log of the child are told here.
func TestCallbacks(t *testing.T) {
	t.Parallel()
	var steps []string
	lines := 0
	r := isolate.Measure(t.Context(), probe.Options{
		Ref: testenv.Zoo("bert-mean-l2"), Safetensors: true, Backend: "go", Quick: true,
		Progress: func(step string) { steps = append(steps, step) },
		Log:      func(string, ...any) { lines++ },
	}, isolate.Options{MemoryLimit: -1})
	valid(t, r)
	if r.Error != nil || len(steps) < 3 || steps[0] != "resolve" || steps[1] != "load" || lines < len(steps) {
		t.Errorf("%+v; steps %q, %d lines", r.Error, steps, lines)
	}
}

// TestUnpreparedEngine: an engine that the child was not given is a fault, not another engine.
func TestUnpreparedEngine(t *testing.T) {
	t.Parallel()
	o, _ := faulty("", "", probe.Options{Ref: testenv.Zoo("bert-mean-l2")}, isolate.Options{})
	r := isolate.Measure(t.Context(), o, isolate.Options{})
	valid(t, r)
	if r.Error == nil || r.Error.Kind != "internal" || !strings.Contains(r.Error.Message, `expected the engine "go"`) {
		t.Errorf("%+v", r.Error)
	}
}
