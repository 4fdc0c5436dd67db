package probe

import (
	"context"
	"slices"
	"time"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/models/tensor"
)

// aloneTexts is how many of the probe texts also run one by one, and again: for pooling, batch invariance, determinism
// and the time of one text. Each is a run of its own, so a probe's time grows with it.
const aloneTexts = detect.FingerprintTexts

// groupSize is how many texts of like length run in one batch. All in one batch would be padded to the longest of them:
// three times the tokens.
const groupSize = 6

// seed of the ids that a model without a tokenizer is run on.
const seed = 1

// battery runs the model on the probe texts and keeps what the findings need.
type battery struct {
	e     *models.Encoder
	now   func() time.Time
	dtype tensor.DType
	// lengthBudget bounds the search for the longest text, 0 does not.
	lengthBudget time.Duration
	// quick leaves out what rests on triplets, prompts and cost by length.
	quick bool
	// budget bounds the run of the triplets, and that of each other measurement beyond the first battery; 0 does not.
	budget time.Duration
	// promptLength is the number of leading tokens that pooling leaves out.
	promptLength int

	together *models.Batch // all texts, in batches of groupSize
	alone    []*models.Batch
	again    []*models.Batch
	padded   *models.Batch // the first text alone with padding behind (or before) it
	first    time.Duration
	times    []time.Duration
	// perToken is the seconds that one token takes in a batch, padding counted, after the first batch.
	perToken float64

	// ended says that the end of the model's input was found already.
	ended bool

	findings map[string]detect.Finding
	image    detect.ModalityRun
	text     detect.ModalityRun
}

func newBattery(e *models.Encoder, now func() time.Time) *battery {
	return &battery{e: e, now: now, dtype: computeType(e), findings: map[string]detect.Finding{}}
}

// computeType is the type that tolerances are for. Weights of half precision in safetensors are computed in float32, and
// integer weights dequantize to float32; an exported graph of half precision computes in it.
func computeType(e *models.Encoder) tensor.DType {
	if e.Source.Format == source.FormatONNX {
		switch e.Facts.DType {
		case "float16":
			return tensor.Float16
		case "bfloat16":
			return tensor.BFloat16
		}
	}
	return tensor.Float32
}

// shortTexts runs the probe texts: in one batch, some of them alone, those again, and one with padding. A model that
// takes no text is left to images. NaN or Inf in a vector ends the battery with an *failure.Error of KindNonFinite.
func (b *battery) shortTexts(ctx context.Context) error {
	if !b.e.Facts.Text {
		b.text = detect.ModalityRun{Modality: modalityText, Reason: "the graph takes no token ids"}
		return nil
	}
	texts, err := b.tokens()
	if err != nil {
		return err
	}
	if texts, err = b.fit(ctx, texts); err != nil {
		return err
	}
	b.promptLength = texts[0].PromptLength
	if err := b.inGroups(ctx, texts); err != nil {
		return err
	}
	b.text = detect.ModalityRun{Modality: modalityText, Vectors: b.together.Vectors}
	if err := b.checkFinite(b.together.Vectors); err != nil {
		return err
	}
	picked := spread(len(texts), aloneTexts)
	for _, round := range []*[]*models.Batch{&b.alone, &b.again} {
		for _, i := range picked {
			began := b.now()
			one, err := b.e.Encode(ctx, texts[i:i+1])
			if err != nil {
				return err
			}
			b.times = append(b.times, b.now().Sub(began))
			*round = append(*round, one)
		}
	}
	one := texts[picked[0]]
	if b.padded, err = b.e.EncodePadded(ctx, []models.Tokens{one}, b.paddedLength(len(one.IDs))); err != nil {
		return err
	}
	b.judge(picked)
	return b.fingerprint(ctx)
}

// inGroups runs all texts in batches of texts that are near each other in length; the vectors keep the texts' order.
func (b *battery) inGroups(ctx context.Context, texts []models.Tokens) error {
	order := make([]int, len(texts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return len(texts[i].IDs) - len(texts[j].IDs) })
	b.together = &models.Batch{Vectors: make([][]float32, len(texts))}
	took, tokens := 0.0, 0
	for group := range slices.Chunk(order, groupSize) {
		batch := make([]models.Tokens, len(group))
		for i, at := range group {
			batch[i] = texts[at]
		}
		began := b.now()
		out, err := b.e.Encode(ctx, batch)
		if err != nil {
			return err
		}
		lap := b.now().Sub(began)
		if b.first == 0 {
			b.first = lap
		} else {
			took += lap.Seconds()
			tokens += len(batch) * len(batch[len(batch)-1].IDs)
		}
		for i, at := range group {
			b.together.Vectors[at] = out.Vectors[i]
		}
	}
	b.perToken = took / float64(max(tokens, 1))
	return nil
}

// tokens are those of the probe texts, or ids from the vocabulary where the model has no tokenizer.
func (b *battery) tokens() ([]models.Tokens, error) {
	if b.e.HasTokenizer() {
		texts, err := b.e.Tokenize(detect.ProbeTexts(), b.e.Card.DefaultPrompt())
		if err != nil {
			return nil, err
		}
		return texts, nil
	}
	lengths := make([]int, len(detect.ProbeTexts()))
	for i := range lengths {
		lengths[i] = 3 + i
	}
	return b.e.RandomTokens(seed, lengths...), nil
}

// paddedLength is a length with clearly more padding than text that the model can still hold.
func (b *battery) paddedLength(tokens int) int {
	n := 2*tokens + 5
	if limit := b.e.Limit().Tokens; limit > 0 {
		n = max(tokens, min(n, limit))
	}
	return n
}

func (b *battery) checkFinite(vectors [][]float32) error {
	f := detect.Finite(vectors)
	b.findings["finite"] = f
	if f.Value == true {
		return nil
	}
	if e, ok := f.Evidence.(detect.FiniteEvidence); ok {
		return failure.Errorf(failure.StageInference, failure.KindNonFinite,
			"expected finite vectors, found %d NaN and %d Inf among %d numbers of %d texts", e.NaN, e.Inf, e.Numbers, e.Texts)
	}
	return failure.Errorf(failure.StageInference, failure.KindNonFinite, "expected finite vectors: %s", f.Reason)
}

// judge makes the findings that rest on the short texts.
func (b *battery) judge(picked []int) {
	b.findings["embedding_dimension"] = detect.Dimension(b.together.Vectors)
	b.findings["normalization"] = detect.Normalization(b.together.Vectors, b.dtype)
	b.findings["distance_metric"] = detect.Distance(b.together.Vectors, b.dtype)
	alone, again := vectorsOf(b.alone), vectorsOf(b.again)
	var inBatch [][]float32
	for _, i := range picked {
		inBatch = append(inBatch, b.together.Vectors[i])
	}
	b.findings["batch_invariance"] = detect.BatchInvariance(alone, inBatch, b.dtype)
	b.findings["padding_invariance"] = detect.PaddingInvariance(alone[:1], b.padded.Vectors, b.dtype)
	b.findings["determinism"] = detect.Determinism(alone, again, b.dtype)
	b.findings["pooling"] = b.pooling()
}

// pooling compares the vectors of the texts that ran alone with their token states.
func (b *battery) pooling() detect.Finding {
	in := detect.PoolingInput{Vectors: vectorsOf(b.alone), InGraph: b.e.Facts.InGraph, DType: b.dtype}
	for _, one := range b.alone {
		if one.States != nil {
			in.States = append(in.States, detect.TokenStates{States: one.States, Mask: one.Mask, Dim: one.StateDim})
		}
	}
	in.Next = b.e.AfterPooling()
	in.NextIn = b.e.PooledWidth()
	in.PromptLength = b.promptLength
	f := detect.Pooling(in)
	if b.e.Facts.PoolingFallback {
		// The encoder's own fallback would confirm itself.
		f.Value, f.Confidence = detect.PoolingUnknown, 0
		f.Reason = "the graph gives token states and no file names a pooling; the vectors here are their mean, " +
			"which is what sentence-transformers falls back to"
	}
	return f
}

func vectorsOf(batches []*models.Batch) [][]float32 {
	var out [][]float32
	for _, b := range batches {
		out = append(out, b.Vectors...)
	}
	return out
}

// spread picks k of n indices at even distances, the first among them.
func spread(n, k int) []int {
	if n <= k {
		k = n
	}
	out := make([]int, k)
	for i := range out {
		out[i] = i * n / k
	}
	return out
}

// oneText is the median time of one short text alone.
func (b *battery) oneText() *float64 {
	if len(b.times) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(b.times))
	return seconds(sorted[len(sorted)/2])
}
