package probe_test

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// picky is a service that fails on batches with a text that it dislikes.
type picky struct {
	service
	dislikes func(text string) bool
}

func (p picky) Run(ctx context.Context, inputs []models.Input) (*models.Batch, error) {
	for _, in := range inputs {
		if p.dislikes(in.Text) {
			return nil, failure.Errorf(failure.StageInference, failure.KindInference, "an id beyond the table")
		}
	}
	return p.service.Run(ctx, inputs)
}

func measurePicky(t *testing.T, dislikes func(text string) bool) *probe.Report {
	t.Helper()
	return probe.Measure(t.Context(), probe.Options{
		Ref: "toy:any", Getenv: func(string) string { return "" }, Now: time.Now, Budget: probe.Unbounded,
		Kinds: []models.Kind{{Name: "toy", Scheme: "toy", Open: func(context.Context, models.Opening) (models.Model, error) {
			return picky{dislikes: dislikes}, nil
		}}},
	})
}

// TestFailingTexts: a model that fails on some of the texts is measured on the others, and the report says so.
func TestFailingTexts(t *testing.T) {
	t.Parallel()
	for name, dislikes := range map[string]func(text string) bool{
		"a script": func(text string) bool {
			return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
		},
		"a letter": func(text string) bool { return strings.Contains(text, "q") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := measurePicky(t, dislikes)
			if r.Error != nil {
				t.Fatalf("%+v", r.Error)
			}
			if r.Measured.EmbeddingDimension == nil || *r.Measured.EmbeddingDimension != 16 {
				t.Errorf("dimension %v", r.Measured.EmbeddingDimension)
			}
			if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "an id beyond the table") {
				t.Errorf("warnings %q", r.Warnings)
			}
			if f := r.Findings[vocabulary.KeyFingerprint]; f.Value != nil || f.Reason != r.Warnings[0] {
				t.Errorf("a fingerprint of other texts: %+v", f)
			}
			f := r.Findings[vocabulary.KeyTriplets]
			if n, ok := f.Value.(int); !ok || n == 0 || n >= 422 || !strings.Contains(f.Reason, "fails on texts of") {
				t.Errorf("triplets %v: %s", f.Value, f.Reason)
			}
		})
	}
	if r := measurePicky(t, func(string) bool { return true }); r.Error == nil || r.Error.Kind != failure.KindInference {
		t.Errorf("a model that takes no text at all: %+v", r.Error)
	}
}
