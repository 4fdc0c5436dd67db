package graph

import (
	"math"
	"slices"
	"testing"

	"github.com/divinedevops/probe/models/weights"
)

// mutation breaks a spec in one of the ways its family is known to go wrong without an error.
type mutation struct {
	name  string
	spoil func(spec)
}

func on[S any](name string, spoil func(s *S)) mutation {
	return mutation{name, func(s spec) { spoil(any(s).(*S)) }}
}

// halved is a plausible wrong scale; the other one, no scale at all, is wrong by more.
func halved(scale *float64) { *scale /= 2 }

func swapped(a, b *rope) { *a, *b = *b, *a }

var bertMutations = []mutation{
	on("position offset", func(s *bertSpec) { s.firstPosition++ }),
	on("activation", func(s *bertSpec) { s.activation = other(s.activation) }),
	on("scale", func(s *bertSpec) { halved(&s.scale) }),
}

var robertaMutations = append(slices.Clone(bertMutations),
	on("positions from zero, as BERT", func(s *bertSpec) { s.fromIDs, s.firstPosition = false, 0 }),
	on("positions that count padding", func(s *bertSpec) { s.fromIDs = false }),
	on("another padding id", func(s *bertSpec) { s.pad = 0 }),
)

var decoderMutations = []mutation{
	on("causality", func(s *decoderSpec) { s.full.causal = !s.full.causal; s.sliding.causal = !s.sliding.causal }),
	on("activation", func(s *decoderSpec) { s.activation = other(s.activation) }),
	on("scale", func(s *decoderSpec) { halved(&s.scale) }),
	on("rope", func(s *decoderSpec) {
		s.fullRope.inverse, s.slidingRope.inverse = frequencies(3, s.headDim), frequencies(3, s.headDim)
	}),
}

var windowMutations = append(slices.Clone(decoderMutations),
	on("window too narrow", func(s *decoderSpec) { s.sliding.window-- }),
	on("window too wide", func(s *decoderSpec) { s.sliding.window++ }),
)

var gemmaMutations = append(slices.Clone(decoderMutations),
	on("norms around zero", func(s *decoderSpec) { s.normShift = 0 }),
	on("embedding scale", func(s *decoderSpec) { s.embedScale = 0 }),
)

var modernbertMutations = []mutation{
	on("activation", func(s *modernbertSpec) { s.activation = other(s.activation) }),
	on("scale", func(s *modernbertSpec) { halved(&s.scale) }),
	on("whole window on each side", func(s *modernbertSpec) { s.sliding.window *= 2 }),
	on("window too narrow", func(s *modernbertSpec) { s.sliding.window-- }),
	on("ropes swapped", func(s *modernbertSpec) { swapped(&s.fullRope, &s.slidingRope) }),
	on("layers swapped", func(s *modernbertSpec) { s.isSliding[0], s.isSliding[1] = s.isSliding[1], s.isSliding[0] }),
}

var rotaryMutations = []mutation{
	on("activation", func(s *rotarySpec) { s.activation = other(s.activation) }),
	on("scale", func(s *rotarySpec) { halved(&s.scale) }),
	on("rope", func(s *rotarySpec) { s.rope.inverse = frequencies(10000, 2*int64(len(s.rope.inverse))) }),
}

var t5Mutations = []mutation{
	on("scaled scores", func(s *t5Spec) { s.scale = 1 / math.Sqrt(float64(s.headDim)) }),
	on("activation", func(s *t5Spec) { s.activation = other(s.activation) }),
	on("reach of the buckets", func(s *t5Spec) { s.far *= 2 }),
}

var debertaMutations = []mutation{
	on("activation", func(s *debertaSpec) { s.activation = other(s.activation) }),
	on("scale", func(s *debertaSpec) { s.scale = 1 / math.Sqrt(float64(s.headDim)*2) }),
}

var debertaRelative = append(slices.Clone(debertaMutations),
	on("one kind of scores only", func(s *debertaSpec) { s.positionToContent = false }),
)

var clipMutations = []mutation{
	on("causality", func(s *clipTextSpec) { s.visible.causal = false }),
	on("activation", func(s *clipTextSpec) { s.activation = other(s.activation) }),
	on("scale", func(s *clipTextSpec) { halved(&s.scale) }),
}

// mutations lists them by the folder in testdata/graph whose truth must see them.
var mutations = map[string][]mutation{
	"bert": bertMutations, "bert-gamma": bertMutations, "electra": bertMutations,
	"roberta": robertaMutations, "xlm-roberta": robertaMutations, "camembert": robertaMutations,
	"mpnet": {
		on("position offset", func(s *mpnetSpec) { s.firstPosition = 0 }),
		on("reach of the buckets", func(s *mpnetSpec) { s.far = 64 }),
		on("activation", func(s *mpnetSpec) { s.activation = other(s.activation) }),
		on("scale", func(s *mpnetSpec) { halved(&s.scale) }),
	},
	"distilbert": {
		on("activation", func(s *distilbertSpec) { s.activation = other(s.activation) }),
		on("scale", func(s *distilbertSpec) { halved(&s.scale) }),
	},
	"albert": {
		on("activation", func(s *albertSpec) { s.activation = other(s.activation) }),
		on("scale", func(s *albertSpec) { halved(&s.scale) }),
		on("one layer a group", func(s *albertSpec) { s.perGroup = 1 }),
		on("one group", func(s *albertSpec) { s.groups = 1 }),
	},
	"deberta-v3": append(slices.Clone(debertaRelative),
		on("positions without norm", func(s *debertaSpec) { s.normTable = false }),
		on("linear distances", func(s *debertaSpec) { s.buckets = 0 })),
	"deberta-v2": append(slices.Clone(debertaRelative),
		on("no convolution", func(s *debertaSpec) { s.conv = nil }),
		on("activation of the convolution", func(s *debertaSpec) { s.conv.activation = "tanh" })),
	"deberta-plain": debertaMutations,
	"modernbert":    modernbertMutations, "modernbert-plain": modernbertMutations,
	"nomic_bert": rotaryMutations, "nomic-published": rotaryMutations, "gte": rotaryMutations,
	"new": append(slices.Clone(rotaryMutations),
		on("NTK scaling left out", func(s *rotarySpec) { s.rope.inverse = frequencies(20000, 4) })),
	"jina": {
		on("slopes", func(s *jinaSpec) { slices.Reverse(s.slopes) }),
		on("activation", func(s *jinaSpec) { s.activation = other(s.activation) }),
		on("scale", func(s *jinaSpec) { halved(&s.scale) }),
	},
	"jina-six-heads": {
		on("slopes", func(s *jinaSpec) { s.slopes[4], s.slopes[5] = s.slopes[5], s.slopes[4] }),
	},
	"t5": t5Mutations, "t5-gated": t5Mutations,
	"llama": decoderMutations, "llama-bias": decoderMutations, "llama-linear": decoderMutations,
	"llama-llama3": decoderMutations,
	"llama-yarn": append(slices.Clone(decoderMutations),
		on("factor of cosine and sine", func(s *decoderSpec) { s.fullRope.factor = 1 })),
	"mistral": windowMutations, "mistral-full": decoderMutations,
	"qwen2": append(slices.Clone(windowMutations),
		on("no layer slides", func(s *decoderSpec) { clear(s.isSliding) })),
	"qwen3": append(slices.Clone(decoderMutations),
		on("heads without norm", func(s *decoderSpec) { s.headNorm = false })),
	"gemma": gemmaMutations,
	"gemma3_text": append(slices.Concat(gemmaMutations, windowMutations),
		on("ropes swapped", func(s *decoderSpec) { swapped(&s.fullRope, &s.slidingRope) }),
		on("norms before the sublayers only", func(s *decoderSpec) { s.sandwich = false })),
	"gemma3-bidirectional": windowMutations,
	"clip": append(slices.Clone(clipMutations),
		on("end token", func(s *clipTextSpec) { s.end = 7 })),
	"clip-old": append(slices.Clone(clipMutations),
		on("end token", func(s *clipTextSpec) { s.largest = false })),
	"siglip": {
		on("causality", func(s *siglipTextSpec) { s.visible.causal = true }),
		on("activation", func(s *siglipTextSpec) { s.activation = other(s.activation) }),
		on("scale", func(s *siglipTextSpec) { halved(&s.scale) }),
	},
}

var imageMutations = map[string][]mutation{
	"clip": {
		on("activation", func(s *clipImageSpec) { s.activation = other(s.activation) }),
		on("scale", func(s *clipImageSpec) { halved(&s.scale) }),
		on("epsilon", func(s *clipImageSpec) { s.eps = 1e-2 }),
	},
	"siglip": {
		on("activation", func(s *siglipImageSpec) { s.activation = other(s.activation) }),
		on("scale", func(s *siglipImageSpec) { halved(&s.scale) }),
	},
}

// other is the activation that is most easily taken for the right one.
func other(activation string) string {
	switch activation {
	case "gelu":
		return "gelu_new"
	case "silu", "quick_gelu":
		return "gelu"
	case "relu":
		return "gelu_new"
	}
	return "gelu"
}

// TestTruthSeesBrokenBuilders breaks every builder in its known wrong ways and expects the comparison with PyTorch,
// or the accounting of tensors, to notice each.
func TestTruthSeesBrokenBuilders(t *testing.T) {
	t.Parallel()
	for name, list := range mutations {
		for _, m := range list {
			t.Run(name+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				config, weights, want := load(t, name)
				texts, _ := want.split()
				noticed(t, config, weights, texts, families, m)
			})
		}
	}
	for name, list := range imageMutations {
		for _, m := range list {
			t.Run(name+"/image/"+m.name, func(t *testing.T) {
				t.Parallel()
				config, weights, want := load(t, name)
				_, images := want.split()
				noticed(t, config, weights, images, imageFamilies, m)
			})
		}
	}
}

func noticed(t *testing.T, config []byte, set *weights.Set, want truth, from map[string]family, m mutation) {
	t.Helper()
	c, err := parseConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	fam := from[c.modelType]
	if c.modelType == "bert" && isJina(c) {
		fam = jinaFamily
	}
	s := fam.read(c)
	m.spoil(s)
	result, err := assemble(c, fam, s, set)
	if err != nil {
		t.Logf("noticed while building: %v", err)
		return
	}
	got, err := difference(t, fast(t), result.Graph, want)
	if err != nil {
		t.Logf("noticed while running: %v", err)
		return
	}
	t.Logf("%.2g", got)
	if !(got > 5*tolerance) {
		t.Errorf("the broken builder differs from PyTorch by %g only; the truth cannot see this mistake", got)
	}
}

// TestEveryFamilyIsHeldToTruth fails when a family is added without a model in testdata/graph that is built, or without
// a known wrong way that its truth sees.
func TestEveryFamilyIsHeldToTruth(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, name := range names(t) {
		config, _, _ := load(t, name)
		c, err := parseConfig(config)
		if err != nil {
			t.Fatal(err)
		}
		if len(mutations[name]) > 0 {
			covered[c.modelType] = true
		}
	}
	for _, modelType := range ModelTypes() {
		if !covered[modelType] {
			t.Errorf("model_type %q has no truth in testdata/graph with mutations", modelType)
		}
	}
}
