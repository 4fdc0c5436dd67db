package probe_test

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// service is a model of a kind that is defined here and nowhere else: like an endpoint it takes texts and returns vectors,
// and shows no tokens, no states and no padding. A text's vector is the sum of one fixed random vector a word.
type service struct{}

func (service) Info() models.Info {
	return models.Info{Text: true, Unit: models.UnitCharacters, Names: []models.Name{{Value: "toy", Where: "the service"}}}
}

func (service) Prepare(texts []string, o models.PrepareOptions) ([]models.Input, error) {
	in := make([]models.Input, len(texts))
	for i, text := range texts {
		text = o.Prompt + text
		in[i] = models.Input{Text: text, Cost: len([]rune(text)), Full: len([]rune(text))}
	}
	return in, nil
}

func (service) Run(_ context.Context, inputs []models.Input) (*models.Batch, error) {
	b := &models.Batch{}
	for _, in := range inputs {
		v := make([]float32, 16)
		for _, word := range strings.Fields(in.Text) {
			h := fnv.New64a()
			_, _ = h.Write([]byte(word)) // a hash cannot fail
			r := rand.New(rand.NewPCG(h.Sum64(), 0))
			for k := range v {
				v[k] += float32(r.NormFloat64())
			}
		}
		b.Vectors = append(b.Vectors, v)
	}
	return b, nil
}

func (service) Close() error { return nil }

// TestToyKind runs the whole battery on a kind of model that it does not know: everything that takes texts alone is
// measured, and what needs more is a finding without a value and with its reason.
func TestToyKind(t *testing.T) {
	t.Parallel()
	r := probe.Measure(t.Context(), probe.Options{
		Ref: "toy:any", Getenv: func(string) string { return "" }, Now: time.Now, Budget: probe.Unbounded,
		Kinds: []models.Kind{{Name: "toy", Scheme: "toy", Open: func(context.Context, models.Opening) (models.Model, error) {
			return service{}, nil
		}}},
	})
	if r.Error != nil {
		t.Fatalf("%+v", r.Error)
	}
	// Their vectors are sums of words, so everything but what is listed has a value.
	want := map[string]string{
		vocabulary.KeyPooling:           "the model does not show its token states",
		vocabulary.KeyPaddingInvariance: "the model's padding cannot be set from outside",
		vocabulary.KeyMaxSequenceLength: "the model does not show its tokens",
		vocabulary.KeyTruncation:        "the model does not show its tokens",
		vocabulary.KeyLengthCost:        "the model does not show its tokens",
		vocabulary.KeyVocabularySize:    "the model does not show its weights",
		vocabulary.KeyDType:             "the model does not show its weights",
	}
	for key, reason := range want {
		if f := r.Findings[key]; f.Value != nil || f.Reason != reason {
			t.Errorf("%s: expected no value because %s, found %v (%s)", key, reason, f.Value, f.Reason)
		}
	}
	if f := r.Findings[vocabulary.KeyTextImageAgreement]; f.Value != nil || f.Reason != "the model takes no images" {
		t.Errorf("text_image_agreement: %+v", f)
	}
	found := map[string]any{}
	for _, key := range []string{
		vocabulary.KeyEmbeddingDimension, vocabulary.KeyNormalization, vocabulary.KeyDeterminism, vocabulary.KeyBatchInvariance,
		vocabulary.KeyModalities, vocabulary.KeyFinite, vocabulary.KeyTriplets,
	} {
		found[key] = r.Findings[key].Value
	}
	if diff := cmp.Diff(map[string]any{
		vocabulary.KeyEmbeddingDimension: 16, vocabulary.KeyNormalization: "none", vocabulary.KeyDeterminism: detect.SameBits,
		vocabulary.KeyBatchInvariance: detect.SameBits, vocabulary.KeyModalities: []string{"text"}, vocabulary.KeyFinite: true,
		vocabulary.KeyTriplets: 422,
	}, found); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if f := r.Findings[vocabulary.KeyFingerprint]; f.Value == nil {
		t.Errorf("fingerprint: %s", f.Reason)
	}
	for _, key := range vocabularyKeys() {
		if _, ok := r.Findings[key]; !ok {
			t.Errorf("no finding %s", key)
		}
	}
	if r.Environment.Backend != nil || r.Environment.DeviceType != nil || r.Model.Digest != nil {
		t.Errorf("nothing ran on an engine here: %+v, %+v", r.Environment, r.Model)
	}
}

// vocabularyKeys are what a model of texts has findings of.
func vocabularyKeys() []string {
	return slices.Concat([]string{vocabulary.KeyLoadSuccess, vocabulary.KeyInferenceSuccess, vocabulary.KeyDistanceMetric},
		[]string{vocabulary.KeyDistanceBehaviour, vocabulary.KeyIsotropy, vocabulary.KeyMatryoshka, vocabulary.KeyQuantization},
		[]string{vocabulary.KeyLanguages, vocabulary.KeyPrompts, vocabulary.KeyPromptsNeeded, vocabulary.KeyKnownAs})
}

// TestBudgetsByDefault: the zero value is the command line's default, not unbounded. The model's clock moves two seconds a
// look, so that nothing beyond the short texts fits into a budget.
func TestBudgetsByDefault(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		budget time.Duration
		code   string
	}{"zero": {0, vocabulary.ReasonBudget}, "unbounded": {probe.Unbounded, ""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Unix(0, 0)
			r := probe.Measure(t.Context(), probe.Options{
				Ref: "toy:any", Getenv: func(string) string { return "" }, Budget: c.budget,
				Now: func() time.Time { now = now.Add(2 * time.Second); return now },
				Kinds: []models.Kind{{Name: "toy", Scheme: "toy", Open: func(context.Context, models.Opening) (models.Model, error) {
					return service{}, nil
				}}},
			})
			f := r.Findings[vocabulary.KeyTriplets]
			if f.ReasonCode != c.code || (f.Value == 422) != (c.code == "") {
				t.Errorf("triplets: %v, %s: %s", f.Value, f.ReasonCode, f.Reason)
			}
			if strings.Contains(f.Reason, "--") {
				t.Errorf("a flag in a library's sentence: %s", f.Reason)
			}
		})
	}
}
