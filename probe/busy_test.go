package probe_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// values measures a zoo model under these clocks and returns the values of its findings, but for the timing.
func values(t *testing.T, lap, work time.Duration) (found map[string]any, codes map[string]string) {
	t.Helper()
	now, worked := time.Unix(0, 0), time.Duration(0)
	o := probe.Options{
		Ref: testenv.Zoo("bert-mean-l2"), Backend: fastest(), TempDir: t.TempDir(), Getenv: func(string) string { return "" },
		Now:     func() time.Time { now = now.Add(lap); return now },
		CPUTime: func() time.Duration { worked += work; return worked },
	}
	if fastest() == vocabulary.BackendONNXRuntime {
		o.Library = testenv.ONNXRuntime(t)
	}
	r := probe.Measure(t.Context(), o)
	must(t, r.Err())
	found, codes = map[string]any{}, map[string]string{}
	for key, f := range r.Findings {
		if key != vocabulary.KeyLengthCost {
			found[key], codes[key] = f.Value, f.ReasonCode
		}
	}
	return found, codes
}

// TestBusyMachine: on a machine so busy that an hour passes between two looks at the clock, a model has the facts that it
// has on a quiet one. What it costs in CPU time decides what is left out.
func TestBusyMachine(t *testing.T) {
	t.Parallel()
	quiet, _ := values(t, time.Millisecond, time.Microsecond)
	busy, _ := values(t, time.Hour, time.Microsecond)
	if diff := cmp.Diff(quiet, busy); diff != "" {
		t.Errorf("the facts changed (-quiet +busy):\n%s", diff)
	}
	if quiet[vocabulary.KeyTriplets] == nil {
		t.Error("no triplets ran on the quiet machine")
	}
	_, costly := values(t, time.Millisecond, time.Minute)
	if costly[vocabulary.KeyTriplets] != vocabulary.ReasonBudget || costly[vocabulary.KeyMaxSequenceLength] != vocabulary.ReasonLengthBudget {
		t.Errorf("a model of much work: triplets %q, length %q", costly[vocabulary.KeyTriplets], costly[vocabulary.KeyMaxSequenceLength])
	}
}
