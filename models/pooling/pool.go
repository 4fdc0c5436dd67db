package pooling

import (
	"math"

	"github.com/divinedevops/probe/models/failure"
)

// minDenominator is what sentence-transformers clamps a sum of weights to, so that a text without tokens becomes zeros.
const minDenominator float32 = 1e-9

// Options choose what Pool does.
type Options struct {
	// Modes are concatenated in this order; at least one.
	Modes []Mode
	// PromptLength is the number of tokens at the head of each text, special tokens before the prompt among them, that
	// the mask leaves out: what sentence-transformers does where 1_Pooling says include_prompt false and the text was
	// encoded with a prompt. 0 leaves nothing out.
	PromptLength int
}

// Pool turns token states (batch x seq x dim, row-major) into vectors (batch x dim*len(o.Modes)).
//
// mask is the attention mask (batch x seq) with 0 at padding, on the left or on the right; a nil mask keeps every token,
// which is what sentence-transformers does where the mask's length is not that of the states. The arithmetic is that of
// sentence-transformers 6.2, its corner cases too: a text whose mask is all zeros becomes zeros for the means and lasttoken, its
// first state for cls and -Inf for max; NaN in the state of a padding token reaches the means, because the module multiplies
// by the mask. Lengths that do not fit together are an *failure.Error.
//
// Sums run in float64 and are rounded to float32 once. PyTorch sums float32 in an order that depends on shapes, threads
// and vector width, so no fixed order equals it bit for bit; the exactly rounded sum is the one value that all those
// orders scatter around. PyTorch sums a handful of tokens in a plain loop, from which this differs by rounding only; at 256
// tokens and more its distance from PyTorch is 3 to 4 times smaller than a float32 loop's (TestFloat64SumsAreNearer).
func Pool(states []float32, mask []int64, batch, seq, dim int, o Options) ([]float32, error) {
	if err := check(states, mask, batch, seq, dim, o); err != nil {
		return nil, err
	}
	if mask == nil {
		mask = make([]int64, batch*seq)
		for i := range mask {
			mask[i] = 1
		}
	}
	kept := mask
	if o.PromptLength > 0 {
		kept = withoutPrompt(mask, batch, seq, o.PromptLength)
	}
	width := dim * len(o.Modes)
	out := make([]float32, batch*width)
	sums := make([]float64, dim)
	for b := range batch {
		t := text{
			states: states[b*seq*dim : (b+1)*seq*dim],
			mask:   kept[b*seq : (b+1)*seq],
			first:  firstMax(mask[b*seq : (b+1)*seq]),
			dim:    dim,
			sums:   sums,
		}
		for i, mode := range o.Modes {
			t.pool(mode, out[b*width+i*dim:b*width+(i+1)*dim])
		}
	}
	return out, nil
}

// withoutPrompt copies the mask with zeros up to and including the prompt's last token, after any padding on the left.
func withoutPrompt(mask []int64, batch, seq, prompt int) []int64 {
	kept := make([]int64, len(mask))
	copy(kept, mask)
	for b := range batch {
		row := kept[b*seq : (b+1)*seq]
		clear(row[:min(seq, firstMax(row)+prompt)])
	}
	return kept
}

// text is one row of a batch.
type text struct {
	states []float32 // seq x dim
	mask   []int64   // seq; what is pooled
	first  int       // position of the first token that is not padding, prompt or not
	dim    int
	sums   []float64 // dim; scratch
}

func (t text) pool(mode Mode, out []float32) {
	switch mode {
	case CLS:
		copy(out, t.state(firstMax(t.mask)))
	case Max:
		t.max(out)
	case Mean:
		t.mean(out, 1)
	case MeanSqrtLen:
		t.mean(out, 0.5)
	case WeightedMean:
		t.weightedMean(out)
	case LastToken:
		last := lastMax(t.mask)
		weight := float32(t.mask[last])
		for i, x := range t.state(last) {
			out[i] = x * weight
		}
	}
}

func (t text) state(position int) []float32 {
	return t.states[position*t.dim : (position+1)*t.dim]
}

func (t text) max(out []float32) {
	for i := range out {
		out[i] = float32(math.Inf(-1))
	}
	for p, m := range t.mask {
		if m == 0 {
			continue
		}
		for i, x := range t.state(p) {
			if x > out[i] || x != x { // torch.max carries NaN on
				out[i] = x
			}
		}
	}
}

// mean divides the sum by the count to the power of exponent: 1 for the mean, 0.5 for mean_sqrt_len_tokens.
func (t text) mean(out []float32, exponent float64) {
	clear(t.sums)
	count := 0.0
	for p, m := range t.mask {
		weight := float32(m)
		count += float64(weight)
		for i, x := range t.state(p) {
			t.sums[i] += float64(x * weight)
		}
	}
	denominator := max(float32(count), minDenominator)
	if exponent != 1 {
		denominator = float32(math.Sqrt(float64(denominator)))
	}
	for i, s := range t.sums {
		out[i] = float32(s) / denominator
	}
}

func (t text) weightedMean(out []float32) {
	clear(t.sums)
	total := 0.0
	for p, m := range t.mask {
		weight := float32(m) * float32(p+1-t.first)
		total += float64(weight)
		for i, x := range t.state(p) {
			t.sums[i] += float64(x * weight)
		}
	}
	denominator := max(float32(total), minDenominator)
	for i, s := range t.sums {
		out[i] = float32(s) / denominator
	}
}

// firstMax is torch.argmax over one row of the mask: the first position of its largest value.
func firstMax(row []int64) int {
	best := 0
	for i, m := range row {
		if m > row[best] {
			best = i
		}
	}
	return best
}

// lastMax is where lasttoken looks: the last position of the row's largest value, or 0 if that value is 0 (the state
// there is then multiplied by 0).
func lastMax(row []int64) int {
	best := len(row) - 1
	for i := best; i >= 0; i-- {
		if row[i] > row[best] {
			best = i
		}
	}
	if row[best] == 0 {
		return 0
	}
	return best
}

func check(states []float32, mask []int64, batch, seq, dim int, o Options) error {
	switch {
	case batch < 0 || seq < 1 || dim < 1:
		return failure.Errorf(failure.StageInference, failure.KindInference,
			"pooling: expected token states of at least 1 token and 1 component, found batch %d x seq %d x dim %d",
			batch, seq, dim)
	case len(states) != batch*seq*dim:
		return failure.Errorf(failure.StageInference, failure.KindInference,
			"pooling: expected %d x %d x %d = %d numbers in the token states, found %d",
			batch, seq, dim, batch*seq*dim, len(states))
	case mask != nil && len(mask) != batch*seq:
		return failure.Errorf(failure.StageInference, failure.KindInference,
			"pooling: expected %d x %d = %d numbers in the attention mask, found %d", batch, seq, batch*seq, len(mask))
	case len(o.Modes) == 0:
		return failure.Errorf(failure.StageLoad, failure.KindInvalidConfig, "pooling: expected at least one mode, found none")
	case o.PromptLength < 0:
		return failure.Errorf(failure.StageInference, failure.KindInternal,
			"pooling: expected a prompt length of 0 or more tokens, found %d", o.PromptLength)
	}
	for _, m := range o.Modes {
		if _, err := ParseMode(string(m)); err != nil {
			return err
		}
	}
	return nil
}
