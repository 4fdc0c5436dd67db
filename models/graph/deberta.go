package graph

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
)

// debertaSpec is DeBERTa-v2 and v3 (He et al. 2020, arXiv:2006.03654): attention also between contents and relative
// positions, each looked up in one table. transformers: models/deberta_v2/modeling_deberta_v2.py.
type debertaSpec struct {
	vocab, embedding, hidden, layers, heads, headDim, inner int64
	positions, tokenTypes                                   int64
	activation                                              string
	eps, scale                                              float64
	// absolute adds learned positions to the input; relative is the disentangled attention.
	absolute, relative bool
	// span is half the table of relative positions; buckets are 0 if every distance has a row of its own.
	span, buckets, far int64
	// contentToPosition and positionToContent are the two kinds of scores; shareKeys projects positions as contents.
	contentToPosition, positionToContent, shareKeys, normTable bool
	conv                                                       *debertaConv
}

// debertaConv is the convolution next to the first layer (v2 only).
type debertaConv struct {
	kernel, groups int64
	activation     string
}

var debertaFamily = family{
	read: readDeBERTa, anchor: "embeddings.word_embeddings.weight", prefixes: []string{"deberta.", ""},
	leftovers: []string{
		"pooler.*", "cls.*", "lm_predictions.*", "mask_predictions.*", "classifier.*", "qa_outputs.*",
		"embeddings.position_ids", "embeddings.position_embeddings.*",
	},
	inert: []string{"legacy"},
}

func readDeBERTa(c *config) spec {
	s := &debertaSpec{
		vocab:      c.size("vocab_size", 128100),
		hidden:     c.size("hidden_size", 1536),
		layers:     c.layers("num_hidden_layers", 24),
		heads:      c.size("num_attention_heads", 24),
		inner:      c.size("intermediate_size", 6144),
		positions:  c.size("max_position_embeddings", 512),
		tokenTypes: c.int("type_vocab_size", 0),
		activation: c.str("hidden_act", "gelu"),
		eps:        c.float("layer_norm_eps", 1e-7),
		absolute:   c.bool("position_biased_input", true),
		relative:   c.bool("relative_attention", false),
		shareKeys:  c.bool("share_att_key", false),
	}
	s.embedding = c.size("embedding_size", s.hidden)
	checkHeads(c, s.hidden, s.heads)
	s.headDim = c.size("attention_head_size", max(s.hidden/s.heads, 1))
	if s.tokenTypes < 0 || s.tokenTypes > maxSize || s.heads*s.headDim > maxSize {
		c.fail(failure.KindInvalidConfig, "type_vocab_size %d, attention_head_size %d", s.tokenTypes, s.headDim)
	}
	s.readPositions(c)
	s.readConv(c)
	return s
}

func (s *debertaSpec) readPositions(c *config) {
	kinds := s.attentionKinds(c)
	s.contentToPosition, s.positionToContent = slices.Contains(kinds, "c2p"), slices.Contains(kinds, "p2c")
	terms := 1.0
	for _, on := range []bool{s.contentToPosition, s.positionToContent} {
		if on {
			terms++
		}
	}
	s.scale = 1 / math.Sqrt(float64(s.headDim)*terms)
	norm := strings.Split(strings.ToLower(c.str("norm_rel_ebd", "none")), "|")
	for _, name := range norm {
		switch strings.TrimSpace(name) {
		case "layer_norm":
			s.normTable = true
		case "none", "":
		default:
			c.refuse("norm_rel_ebd", name, "layer_norm or none")
		}
	}
	longest, buckets := c.int("max_relative_positions", -1), c.int("position_buckets", -1)
	if longest < 1 {
		longest = s.positions
	}
	if longest > maxDistanceTable || buckets > longest {
		c.fail(failure.KindInvalidConfig, "max_relative_positions %d, position_buckets %d", longest, buckets)
		longest, buckets = 1, 0
	}
	s.span, s.far = longest, longest
	if buckets > 0 {
		if buckets < 4 || longest-1 <= buckets/2 {
			c.fail(failure.KindInvalidConfig, "%d position_buckets for distances up to %d", buckets, longest)
			return
		}
		// Distances beyond the longest fall off the last bucket and are clamped; at twice the longest all of them are.
		s.span, s.buckets, s.far = buckets, buckets, 2*longest
	}
}

// attentionKinds reads pos_att_type, a list or names joined by |.
func (s *debertaSpec) attentionKinds(c *config) []string {
	var kinds []string
	if text, ok := c.values["pos_att_type"].(string); ok {
		c.read["pos_att_type"] = true
		for _, kind := range strings.Split(strings.ToLower(text), "|") {
			kinds = append(kinds, strings.TrimSpace(kind))
		}
	} else {
		kinds = c.strs("pos_att_type")
	}
	for _, kind := range kinds {
		if kind != "c2p" && kind != "p2c" {
			c.refuse("pos_att_type", kind, "c2p and p2c")
		}
	}
	return kinds
}

func (s *debertaSpec) readConv(c *config) {
	kernel := c.int("conv_kernel_size", 0)
	groups, activation := c.size("conv_groups", 1), c.str("conv_act", "tanh")
	if kernel <= 0 {
		return
	}
	if kernel%2 == 0 || kernel > 1<<10 || s.hidden%groups != 0 {
		c.refuse("conv_kernel_size", kernel, "odd kernels up to 1023, in groups that divide the width")
	}
	s.conv = &debertaConv{kernel: kernel, groups: groups, activation: activation}
}

func (s *debertaSpec) facts() facts {
	return facts{vocab: s.vocab, maxTokens: s.positions, hard: s.absolute}
}

func (s *debertaSpec) build(b *builder) {
	types := b.textInputs(s.tokenTypes > 1)
	embedded := s.embed(b, types)
	x := embedded
	a := attention{heads: s.heads, headDim: s.headDim, scale: s.scale}
	allowed := b.tokens()
	var p *debertaPositions
	if s.relative {
		p = s.positionTable(b)
	}
	plain := b.maskBias(allowed)
	for i := int64(0); i < s.layers && b.err == nil; i++ {
		name := fmt.Sprintf("encoder.layer.%d.", i)
		self := name + "attention.self."
		width := s.heads * s.headDim
		q := b.heads(b.linear(x, self+"query_proj", s.hidden, width, true), s.heads, s.headDim)
		k := b.heads(b.linear(x, self+"key_proj", s.hidden, width, true), s.heads, s.headDim)
		v := b.heads(b.linear(x, self+"value_proj", s.hidden, width, true), s.heads, s.headDim)
		a.bias = plain
		if p != nil && (s.contentToPosition || s.positionToContent) {
			a.bias = b.masked(s.positionScores(b, q, k, self, p), allowed)
		}
		y := b.linear(b.attend(q, k, v, a), name+"attention.output.dense", width, s.hidden, true)
		x = b.layerNorm(b.add(y, x), name+"attention.output.LayerNorm", s.hidden, s.eps, true)
		y = b.activate(b.linear(x, name+"intermediate.dense", s.hidden, s.inner, true), s.activation)
		y = b.linear(y, name+"output.dense", s.inner, s.hidden, true)
		x = b.layerNorm(b.add(y, x), name+"output.LayerNorm", s.hidden, s.eps, true)
		if i == 0 && s.conv != nil {
			x = s.convolve(b, embedded, x)
		}
	}
	b.hiddenOutput(x, s.hidden)
}

func (s *debertaSpec) embed(b *builder, types value) value {
	x := b.gather(b.ids, s.vocab, s.embedding, "embeddings.word_embeddings.weight")
	if s.absolute {
		x = b.add(x, b.firstRows(0, s.positions, s.embedding, "embeddings.position_embeddings.weight"))
	}
	if s.tokenTypes > 0 {
		if types == none {
			types = b.int(0)
		}
		x = b.add(x, b.gather(types, s.tokenTypes, s.embedding, "embeddings.token_type_embeddings.weight"))
	}
	x = b.rows(x, s.embedding)
	if s.embedding != s.hidden {
		x = b.linear(x, "embeddings.embed_proj", s.embedding, s.hidden, false)
	}
	x = b.layerNorm(x, "embeddings.LayerNorm", s.hidden, s.eps, true)
	return b.mul(x, s.tokenRows(b))
}

// tokenRows is 1 for tokens and 0 for padding, (batch*sequence) x 1.
func (s *debertaSpec) tokenRows(b *builder) value { return b.rows(b.toFloat32(b.mask), 1) }

// debertaPositions is what the layers share of relative positions.
type debertaPositions struct {
	rows  value // the table, 2*span x hidden
	index value // the row for each pair of query and key, batch x heads x sequence x sequence
}

func (s *debertaSpec) positionTable(b *builder) *debertaPositions {
	rows := b.param([]int64{2 * s.span, s.hidden}, "encoder.rel_embeddings.weight")
	if s.normTable {
		rows = b.layerNorm(rows, "encoder.LayerNorm", s.hidden, s.eps, true)
	}
	table := b.table("relative_positions", debertaBuckets(s.span, s.buckets, s.far))
	index := b.op("Gather", []value{table, b.distances(s.far)}, onnx.Int("axis", 0))
	batch := b.slice(b.shape, 0, 0, 1)
	square := b.op("Concat", []value{batch, b.ints(s.heads), b.seq, b.seq}, onnx.Int("axis", 0))
	return &debertaPositions{rows, b.op("Expand", []value{index, square})}
}

// positionScores are the scores of contents with positions, scaled: batch x heads x sequence x sequence.
func (s *debertaSpec) positionScores(b *builder, q, k value, self string, p *debertaPositions) value {
	keyName, queryName := self+"pos_key_proj", self+"pos_query_proj"
	if s.shareKeys {
		keyName, queryName = self+"key_proj", self+"query_proj"
	}
	// against is contents x rows of the table, batch x heads x sequence x 2*span.
	against := func(content value, name string) value {
		rows := b.linear(p.rows, name, s.hidden, s.heads*s.headDim, true)
		rows = b.transpose(b.reshape(rows, b.ints(1, 2*s.span, s.heads, s.headDim)), 0, 2, 3, 1)
		content = b.mul(b.transpose(content, 0, 2, 1, 3), b.float(s.scale))
		return b.op("MatMul", []value{content, rows})
	}
	pick := func(scores, index value) value {
		return b.op("GatherElements", []value{scores, index}, onnx.Int("axis", 3))
	}
	var sum value
	if s.contentToPosition {
		sum = pick(against(q, keyName), p.index)
	}
	if s.positionToContent {
		// Key j with the row for the pair (i, j): gathered with keys first, then turned.
		turned := b.transpose(p.index, 0, 1, 3, 2)
		scores := b.transpose(pick(against(k, queryName), turned), 0, 1, 3, 2)
		if sum == none {
			return scores
		}
		sum = b.add(sum, scores)
	}
	return sum
}

// convolve adds a convolution of the embeddings to the first layer's output.
func (s *debertaSpec) convolve(b *builder, embedded, x value) value {
	name := "encoder.conv.conv."
	weight := b.param([]int64{s.hidden, s.hidden / s.conv.groups, s.conv.kernel}, name+"weight")
	bias := b.param([]int64{s.hidden}, name+"bias")
	in := b.transpose(b.reshape(embedded, b.dims(s.hidden)), 0, 2, 1)
	pad := (s.conv.kernel - 1) / 2
	y := b.op("Conv", []value{in, weight, bias}, onnx.Ints("kernel_shape", s.conv.kernel), onnx.Ints("pads", pad, pad),
		onnx.Ints("strides", 1), onnx.Ints("dilations", 1), onnx.Int("group", s.conv.groups))
	y = b.rows(b.transpose(y, 0, 2, 1), s.hidden)
	tokens := s.tokenRows(b)
	y = b.activate(b.mul(y, tokens), s.conv.activation)
	return b.mul(b.layerNorm(b.add(x, y), "encoder.conv.LayerNorm", s.hidden, s.eps, true), tokens)
}

// debertaBuckets maps each distance key-query from -far to far to its row of the table (make_log_bucket_position): near
// distances have their own, far ones share logarithmic buckets; the arithmetic is float32, as there.
func debertaBuckets(span, buckets, far int64) []int64 {
	table := make([]int64, 2*far+1)
	for d := -far; d <= far; d++ {
		relative := -d // query minus key
		row := relative
		if mid := buckets / 2; buckets > 0 && (relative > mid || relative < -mid) {
			away, sign := relative, int64(1)
			if relative < 0 {
				away, sign = -relative, -1
			}
			top := float32(math.Log(float64(float32(float64(far/2-1) / float64(mid)))))
			steps := float32(math.Log(float64(float32(away)/float32(mid)))) / top * float32(mid-1)
			row = sign * (int64(math.Ceil(float64(steps))) + mid)
		}
		table[d+far] = min(max(row+span, 0), 2*span-1)
	}
	return table
}
