// Package graph builds an ONNX graph in memory from a Hugging Face config.json and a model's weights, so that a
// model folder without ONNX runs on the same engines as one with it. The weights stay in their file: the graph's
// initializers are external data that point into it, and the graph itself is a few tens of kilobytes.
//
// Each family follows its definition in transformers. What is not known is refused: a model_type without a builder,
// an option of config.json that would change the result, a tensor that is missing or has another shape. A tensor that is
// left over, and not one of the known leftovers (a pooler, a language-model head, a buffer of position ids), is reported,
// and refused if the architecture is not transformers' own. Only operators of the standard ONNX set are used, because the
// pure-Go engine runs the same graph.
package graph

import (
	"slices"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights"
)

// The names of the graph's inputs and outputs, which are transformers' own.
const (
	// InputIDs, AttentionMask and TokenTypeIDs are int64, batch x sequence. A mask is 1 for a token, 0 for padding.
	InputIDs      = "input_ids"
	AttentionMask = "attention_mask"
	TokenTypeIDs  = "token_type_ids"
	// LastHiddenState is float32, batch x sequence x dim.
	LastHiddenState = "last_hidden_state"
)

// Result is a graph and what its configuration says of the model. Everything here is declared, nothing measured.
type Result struct {
	Graph engine.Graph
	// ModelType is config.json's model_type.
	ModelType string
	// VocabSize is the rows of the token embedding, 0 for images.
	VocabSize int64
	// MaxTokens is the longest sequence the positions allow (RoBERTa's are fewer than max_position_embeddings), or
	// what the configuration says the model was made for if the positions have no end of their own; 0 if it says
	// nothing.
	MaxTokens int64
	// MaxTokensHard is true if a longer sequence fails (a table of positions), false if it only goes beyond what the model
	// was made for (rotary positions, relative ones).
	MaxTokensHard bool
	// Parameters counts all floating-point elements of the weights, used by the graph or not; DType holds most of them.
	Parameters int64
	DType      tensor.DType

	// Ignored are the options of config.json that transformers' code for this model_type does not read, sorted.
	Ignored []string
	// LeftOver are the tensors that the architecture has no place for and that transformers would leave out with a warning,
	// in the order of their names.
	LeftOver []string

	out *onnx.Builder // for Export
}

// facts are what a family reports of itself for the Result.
type facts struct {
	vocab, maxTokens int64
	hard             bool
}

// spec is a family's reading of one config.json: all that its graph depends on, as data.
type spec interface {
	facts() facts
	build(b *builder)
}

// family is one entry of the allowlist.
type family struct {
	// read fills a spec from the configuration.
	read func(c *config) spec
	// anchor is a tensor that every model of the family has; prefixes are what may stand before it, the longest first.
	anchor   string
	prefixes []string
	// leftovers are patterns (path.Match) of tensors that a file may have and last_hidden_state does not need.
	leftovers []string
	// inert are the options of config.json that do not change the result, in addition to those inert everywhere.
	inert []string
}

// Build makes the graph of a text encoder: config is the contents of config.json.
//
// The graph takes input_ids, attention_mask and, if the family has them, token_type_ids, and returns
// last_hidden_state. Weights of half precision are computed in float32.
//
// Errors are *failure.Error of stage load: KindUnsupportedModel names the model_type or the option that no graph is
// built for, KindInvalidConfig an option that is no such value or does not fit the weights, KindMissingTensor a
// tensor that the architecture needs.
func Build(config []byte, set *weights.Set) (*Result, error) {
	c, err := parseConfig(config)
	if err != nil {
		return nil, err
	}
	fam, err := find(c)
	if err != nil {
		return nil, err
	}
	s := fam.read(c)
	if err := c.finish(fam.inert); err != nil {
		return nil, err
	}
	return assemble(c, fam, s, set)
}

// assemble builds the graph of a spec that was read. Tests call it with a spec they broke.
func assemble(c *config, fam family, s spec, set *weights.Set) (*Result, error) {
	b, err := newBuilder(fam, set)
	if err != nil {
		return nil, err
	}
	s.build(b)
	if b.err != nil {
		return nil, b.err
	}
	left, err := b.leftOver(fam.leftovers, !c.inTransformers())
	if err != nil {
		return nil, err
	}
	f := s.facts()
	r := &Result{
		ModelType: c.modelType, VocabSize: f.vocab, MaxTokens: f.maxTokens, MaxTokensHard: f.hard,
		Parameters: set.Parameters(), DType: set.DType(), Ignored: c.ignored, LeftOver: left,
		out: b.out,
	}
	r.Graph = engine.Graph{
		Bytes: b.out.Bytes(), DataDir: set.DataDir(), Inputs: b.out.Inputs(), Outputs: b.out.Outputs(),
	}
	return r, nil
}

// ModelTypes are the values of model_type that Build takes, sorted.
func ModelTypes() []string {
	var names []string
	for name := range families {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// newOut is an empty graph of the name and producer that every graph here has.
func newOut() *onnx.Builder {
	return &onnx.Builder{Name: "model", Producer: "probe"}
}
