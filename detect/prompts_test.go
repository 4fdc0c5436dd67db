package detect

import (
	"math"
	"reflect"
	"testing"

	"github.com/divinedevops/probe/models/tensor"
)

func TestPrompts(t *testing.T) {
	t.Parallel()
	rough, clear := meaning(1, 60, 16, 3, nil), meaning(1, 60, 16, 0.3, nil)
	f := Prompts(rough, []PromptTriplets{
		{Name: "ignored", Text: "a: ", Vectors: rough},
		{Name: "helps", Text: "b: ", Vectors: clear},
		{Name: "other", Text: "c: ", Vectors: meaning(2, 60, 16, 3, nil)},
		{Name: "both", Text: "b: ... a: ", Pair: true, Vectors: clear},
	}, tensor.Float32)
	checkFinding(t, "prompts", f)
	if want := (map[string]string{"helps": "b: ", "other": "c: "}); !reflect.DeepEqual(f.Value, want) {
		t.Errorf("prompts at work %v, want %v", f.Value, want)
	}
	e := f.Evidence.(PromptsEvidence)
	effects := map[string]string{}
	for _, p := range e.Prompts {
		effects[p.Name] = p.Effect
	}
	want := map[string]string{"ignored": EffectNone, "helps": EffectHelps, "other": EffectUndetermined, "both": EffectHelps}
	if !reflect.DeepEqual(effects, want) {
		t.Errorf("effects %v, want %v", effects, want)
	}
	// The other way round the same prompt hurts, with the same probability.
	back := Prompts(clear, []PromptTriplets{{Name: "x", Text: "x: ", Vectors: rough}}, tensor.Float32)
	x := back.Evidence.(PromptsEvidence).Prompts[0]
	if h := e.Prompts[1]; x.Effect != EffectHurts || h.Name != "helps" || x.PNone != h.PNone || x.Better != h.Worse ||
		math.Abs(x.Cosine-h.Cosine) > 1e-12 {
		t.Errorf("back %+v, there %+v", x, e.Prompts[1])
	}
	if f := Prompts(nil, nil, tensor.Float32); f.Value != nil {
		t.Errorf("prompts of nothing: %v", f.Value)
	}
	if f := Prompts(rough, []PromptTriplets{{Name: "short", Vectors: rough[:9]}}, tensor.Float32); f.Value != nil {
		t.Errorf("prompts over other triplets: %v", f.Value)
	}
}

// A declared prompt that the model ignores is drift; one at work is none.
func TestIgnoredPromptIsDrift(t *testing.T) {
	t.Parallel()
	plain := meaning(1, 30, 16, 1, nil)
	declared := map[string]any{"prompts": map[string]string{"query": "q: "}}
	for name, c := range map[string]struct {
		vectors []TripletVectors
		drifts  int
	}{"ignored": {plain, 1}, "at work": {meaning(2, 30, 16, 1, nil), 0}} {
		f := Prompts(plain, []PromptTriplets{{Name: "query", Text: "q: ", Vectors: c.vectors}}, tensor.Float32)
		if d := CompareDeclared(declared, map[string]Finding{"prompts": f}); len(d) != c.drifts {
			t.Errorf("%s: drift %v", name, d)
		}
	}
}
