package graph

import (
	"fmt"
	"math"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
)

// rope is a rotary position embedding (Su et al. 2021, arXiv:2104.09864): each pair of dimensions (i, i+dim/2) turns by
// position times its frequency.
type rope struct {
	name    string // of its constants in the graph
	inverse []float32
	// factor multiplies cosine and sine: 1 but for YaRN.
	factor float64
}

// rotary reads a rope from the options that transformers 4 (rope_theta, rope_scaling) and 5 (rope_parameters) write.
// head is the number of dimensions that turn, theta the family's default, longest its max_position_embeddings.
func rotary(c *config, head int64, theta float64, longest int64) rope {
	theta = c.float("rope_theta", theta)
	partial(c)
	params := c.object("rope_parameters")
	if scaling := c.object("rope_scaling"); scaling != nil {
		params = scaling
	}
	original := longest
	if params != nil && c.has("original_max_position_embeddings") {
		original = c.size("original_max_position_embeddings", longest)
	}
	return scaledRope(c, params, head, theta, original)
}

// maxHeadDim bounds the dimensions of a head that turns; published models have up to 512.
const maxHeadDim = 1 << 14

// scaledRope reads one set of rotary parameters (transformers, modeling_rope_utils.py); nil is the plain kind. Errors
// that are not of the parameters name options of c.
func scaledRope(c, p *config, head int64, theta float64, original int64) rope {
	if p != nil {
		c, theta = p, p.float("rope_theta", theta)
		partial(p)
	}
	r := rope{name: "rope", factor: 1}
	switch {
	case !(theta > 1) || math.IsInf(theta, 0):
		c.fail(failure.KindInvalidConfig, "%srope_theta must be above 1, found %g", c.prefix, theta)
		return r
	case head < 2 || head%2 != 0 || head > maxHeadDim:
		c.fail(failure.KindInvalidConfig,
			"heads of %d dimensions: rotary positions turn pairs, expected an even number up to %d", head, maxHeadDim)
		return r
	}
	r.inverse = frequencies(theta, head)
	if p == nil {
		return r
	}
	kind := p.str("rope_type", p.str("type", "default"))
	switch kind {
	case "default":
	case "linear":
		scale := float32(positive(p, "factor"))
		for i := range r.inverse {
			r.inverse[i] /= scale
		}
	case "llama3":
		llama3(p, r.inverse, original)
	case "yarn":
		r.factor = yarn(p, r.inverse, theta, head, original)
	case "ntk":
		ntk(p, &r, theta, head)
	default:
		// dynamic and longrope depend on the longest text of a batch, so a text's vector would not be its own.
		p.refuse("rope_type", kind, "default, linear, llama3, yarn or ntk")
	}
	return r
}

// partial refuses rotary embeddings of a part of each head.
func partial(c *config) {
	if f := c.float("partial_rotary_factor", 1); f != 1 {
		c.refuse("partial_rotary_factor", f, "1")
	}
}

// positive reads a number that must be there and above zero.
func positive(c *config, key string) float64 {
	f := c.float(key, 0)
	if !(f > 0) || math.IsInf(f, 0) {
		c.fail(failure.KindInvalidConfig, "%s%s must be a number above 0, found %v", c.prefix, key, c.values[key])
		return 1
	}
	return f
}

// frequencies are theta^(-2i/dim), in float32 as PyTorch computes them: a model was trained with those.
func frequencies(theta float64, dim int64) []float32 {
	out := make([]float32, 0, dim/2)
	for i := int64(0); i < dim; i += 2 {
		power := float32(math.Pow(theta, float64(float32(i)/float32(dim))))
		out = append(out, 1/power)
	}
	return out
}

// llama3 slows the low frequencies down and leaves the high ones (transformers, _compute_llama3_parameters).
func llama3(p *config, inverse []float32, original int64) {
	factor := positive(p, "factor")
	low, high := positive(p, "low_freq_factor"), positive(p, "high_freq_factor")
	length := float64(p.size("original_max_position_embeddings", original))
	if low == high {
		p.fail(failure.KindInvalidConfig, "%slow_freq_factor and high_freq_factor are both %g", p.prefix, low)
		return
	}
	for i, f := range inverse {
		wave := 2 * math.Pi / float64(f)
		switch {
		case wave > length/low:
			inverse[i] = float32(float64(f) / factor)
		case wave >= length/high:
			smooth := (length/wave - low) / (high - low)
			inverse[i] = float32((1-smooth)*float64(f)/factor + smooth*float64(f))
		}
	}
}

// yarn mixes interpolated and plain frequencies (Peng et al. 2023, arXiv:2309.00071; transformers,
// _compute_yarn_parameters) and returns the factor of cosine and sine.
func yarn(p *config, inverse []float32, theta float64, dim, original int64) float64 {
	factor := positive(p, "factor")
	length := float64(p.size("original_max_position_embeddings", original))
	fast, slow := p.float("beta_fast", 32), p.float("beta_slow", 1)
	truncate := p.bool("truncate", true)
	border := func(rotations float64) float64 {
		return float64(dim) * math.Log(length/(rotations*2*math.Pi)) / (2 * math.Log(theta))
	}
	from, to := border(fast), border(slow)
	if truncate {
		from, to = math.Floor(from), math.Ceil(to)
	}
	from, to = max(from, 0), min(to, float64(dim-1))
	if from == to {
		to += 0.001
	}
	for i, f := range inverse {
		ramp := min(max((float64(i)-from)/(to-from), 0), 1)
		inverse[i] = float32(float64(f)/factor*ramp + float64(f)*(1-ramp))
	}
	magnitude := func(scale float64) float64 {
		if factor <= 1 {
			return 1
		}
		return 0.1*scale*math.Log(factor) + 1
	}
	inferred := magnitude(1)
	if m, all := p.float("mscale", 0), p.float("mscale_all_dim", 0); m != 0 && all != 0 {
		inferred = magnitude(m) / magnitude(all)
	}
	return p.float("attention_factor", inferred)
}

// ntk is the fixed NTK scaling of the GTE models (Alibaba-NLP/new-impl; https://kexue.fm/archives/9706).
func ntk(p *config, r *rope, theta float64, dim int64) {
	factor := positive(p, "factor")
	if factor <= 1 {
		return // applied only if it lengthens
	}
	if b := p.float("mixed_b", 0); b != 0 {
		p.refuse("mixed_b", b, "null")
	}
	r.inverse = frequencies(theta*factor, dim)
	for i := range r.inverse {
		r.inverse[i] /= float32(math.Pow(factor, 2/float64(dim)))
	}
}

// turns are the cosine and sine of one rope at every position: 1 x sequence x 1 x dim/2.
type turns struct{ cos, sin value }

// turns computes the angles in float32, whatever the weights' type. Equal ropes are computed once.
func (b *builder) turns(r rope) turns {
	key := fmt.Sprint("turns ", r.factor, r.inverse)
	if cos, ok := b.consts[key+" cos"]; ok {
		return turns{cos, b.consts[key+" sin"]}
	}
	name := fmt.Sprintf("%s_frequencies_%d", r.name, b.count)
	b.out.Float32s(name, []int64{1, int64(len(r.inverse))}, r.inverse...)
	positions := b.unsqueeze(b.toFloat32(b.arange()), 1)
	angles := b.mul(positions, value(name))
	wave := func(op string) value {
		w := b.op(op, []value{angles})
		if r.factor != 1 {
			w = b.mul(w, b.float(r.factor))
		}
		return b.unsqueeze(w, 0, 2)
	}
	t := turns{wave("Cos"), wave("Sin")}
	b.consts[key+" cos"], b.consts[key+" sin"] = t.cos, t.sin
	return t
}

// rotate turns heads (batch x sequence x heads x dim) by their positions.
func (b *builder) rotate(x value, dim int64, t turns) value {
	first, second := b.slice(x, 3, 0, dim/2), b.slice(x, 3, dim/2, dim)
	return b.op("Concat", []value{
		b.sub(b.mul(first, t.cos), b.mul(second, t.sin)),
		b.add(b.mul(second, t.cos), b.mul(first, t.sin)),
	}, onnx.Int("axis", 3))
}
