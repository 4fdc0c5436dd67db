package graph

import (
	"fmt"
	"math"
	"slices"

	"github.com/divinedevops/probe/models/failure"
)

// jinaSpec is the encoder of jina-embeddings-v2 (Guenther et al. 2023, arXiv:2310.19923): BERT with a symmetric ALiBi
// bias (Press et al. 2021, arXiv:2108.12409) instead of positions, and a gated MLP. Its config.json says model_type
// "bert" and names the code it was published with, jinaai/jina-bert-implementation, which this follows.
type jinaSpec struct {
	vocab, hidden, layers, heads, inner, positions, tokenTypes int64
	activation                                                 string
	eps, scale                                                 float64
	slopes                                                     []float32
}

var jinaFamily = family{
	read: readJina, anchor: "embeddings.word_embeddings.weight", prefixes: []string{"bert.", ""},
	leftovers: []string{"pooler.*", "embeddings.position_ids", "encoder.alibi", "cls.*", "classifier.*"},
	// emb_pooler is how its own encode() pools; attn_implementation chooses between equal ways to compute.
	inert: []string{"emb_pooler", "attn_implementation"},
}

// isJina tells jina-embeddings-v2 from BERT by its ALiBi positions, which BERT does not have.
func isJina(c *config) bool {
	return c.values["position_embedding_type"] == "alibi"
}

func readJina(c *config) spec {
	s := &jinaSpec{
		vocab:      c.size("vocab_size", 30522),
		hidden:     c.size("hidden_size", 768),
		layers:     c.layers("num_hidden_layers", 12),
		heads:      c.size("num_attention_heads", 12),
		inner:      c.size("intermediate_size", 3072),
		positions:  c.size("max_position_embeddings", 512),
		tokenTypes: c.size("type_vocab_size", 2),
		eps:        c.float("layer_norm_eps", 1e-12),
	}
	c.only("position_embedding_type", "alibi")
	c.off("is_decoder", "add_cross_attention")
	s.activation = map[string]string{"geglu": "gelu", "reglu": "relu"}[c.only("feed_forward_type", "geglu", "reglu")]
	c.str("hidden_act", "gelu") // of the ungated MLP only
	checkHeads(c, s.hidden, s.heads)
	if s.heads > 4096 {
		c.fail(failure.KindTooLarge, "num_attention_heads is %d", s.heads)
		return s
	}
	s.scale = 1 / math.Sqrt(float64(s.hidden/s.heads))
	s.slopes = alibiSlopes(s.heads)
	return s
}

// alibiSlopes are 2^(-8/n), 2^(-16/n), ... for a power of two of heads; other numbers take every other slope of the
// next power for the rest.
func alibiSlopes(heads int64) []float32 {
	power := int64(1)
	for 2*power <= heads {
		power *= 2
	}
	start := math.Pow(2, -math.Pow(2, -(math.Log2(float64(power))-3)))
	var out []float32
	for i := range power {
		out = append(out, float32(start*math.Pow(start, float64(i))))
	}
	if power < heads {
		next := alibiSlopes(2 * power)
		for i := int64(0); int64(len(out)) < heads; i += 2 {
			out = append(out, next[i])
		}
	}
	return out
}

func (s *jinaSpec) facts() facts {
	return facts{vocab: s.vocab, maxTokens: s.positions}
}

func (s *jinaSpec) build(b *builder) {
	types := b.textInputs(s.tokenTypes > 1)
	if types == none {
		types = b.int(0)
	}
	x := b.gather(b.ids, s.vocab, s.hidden, "embeddings.word_embeddings.weight")
	x = b.add(x, b.gather(types, s.tokenTypes, s.hidden, "embeddings.token_type_embeddings.weight"))
	x = b.rows(b.layerNorm(x, "embeddings.LayerNorm", s.hidden, s.eps, true), s.hidden)
	a := attention{
		heads: s.heads, headDim: s.hidden / s.heads, scale: s.scale, bias: b.masked(b.alibi(s.slopes), b.tokens()),
	}
	for i := int64(0); i < s.layers && b.err == nil; i++ {
		x = s.layer(b, x, fmt.Sprintf("encoder.layer.%d.", i), a)
	}
	b.hiddenOutput(x, s.hidden)
}

func (s *jinaSpec) layer(b *builder, x value, name string, a attention) value {
	self := name + "attention.self."
	q := b.heads(b.linear(x, self+"query", s.hidden, s.hidden, true), a.heads, a.headDim)
	k := b.heads(b.linear(x, self+"key", s.hidden, s.hidden, true), a.heads, a.headDim)
	v := b.heads(b.linear(x, self+"value", s.hidden, s.hidden, true), a.heads, a.headDim)
	y := b.linear(b.attend(q, k, v, a), name+"attention.output.dense", s.hidden, s.hidden, true)
	x = b.layerNorm(b.add(y, x), name+"attention.output.LayerNorm", s.hidden, s.eps, true)
	both := b.linear(x, name+"mlp.gated_layers", s.hidden, 2*s.inner, false)
	gate, up := b.slice(both, 1, 0, s.inner), b.slice(both, 1, s.inner, 2*s.inner)
	y = b.linear(b.mul(b.activate(gate, s.activation), up), name+"mlp.wo", s.inner, s.hidden, true)
	return b.layerNorm(b.add(y, x), name+"mlp.layernorm", s.hidden, s.eps, true)
}

// alibi is minus the distance of key and query times each head's slope: 1 x heads x sequence x sequence.
func (b *builder) alibi(slopes []float32) value {
	negative := slices.Clone(slopes)
	for i := range negative {
		negative[i] = -negative[i]
	}
	b.out.Float32s("alibi_slopes", []int64{1, int64(len(slopes)), 1, 1}, negative...)
	away := b.op("Abs", []value{b.sub(b.unsqueeze(b.arange(), 0), b.unsqueeze(b.arange(), 1))})
	return b.mul(b.unsqueeze(b.toFloat32(away), 0, 1), "alibi_slopes")
}
