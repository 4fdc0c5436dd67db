package models

import (
	"context"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/pixels"
	"github.com/divinedevops/probe/models/tensor"
)

// Model turns inputs into vectors. A graph on this machine, a file of static embeddings and a service behind HTTP are all
// models; what only some of them can do is a capability, which callers ask for with As. A Model is not safe for concurrent
// use.
type Model interface {
	// Info returns what is known of the model without running it.
	Info() Info
	// Prepare turns texts into inputs, one a text and in their order. A text is cut to the model's limit unless o.Whole is
	// set. It runs nothing. Errors are *failure.Error.
	Prepare(texts []string, o PrepareOptions) ([]Input, error)
	// Run returns one vector an input, in their order, from one batch or from several, as the model allows; no inputs make
	// an empty Batch. Errors are *failure.Error of stage inference, and ctx's own if it ends first.
	Run(ctx context.Context, inputs []Input) (*Batch, error)
	// Close frees what the model holds. The model cannot be used after it.
	Close() error
}

// PrepareOptions are how texts become inputs. The zero value is a text as it stands, cut to the model's limit.
type PrepareOptions struct {
	// Prompt is prepended to each text.
	Prompt string
	// Whole leaves the texts uncut, for what measures the limit.
	Whole bool
}

// Unit is what the length of an input is counted in.
type Unit string

// The units of Input.Cost.
const (
	UnitTokens     Unit = "tokens"     // special tokens included
	UnitCharacters Unit = "characters" // Unicode characters, for a model whose tokens cannot be seen
)

// Input is one text, prepared for the model that made it.
type Input struct {
	// Text is the whole text with its prompt; "" for an input that was made of token ids.
	Text string
	// Cost is how much of it the model is fed, in Info.Unit, and Full what that was before it was cut.
	Cost, Full int
	// Truncated reports that the text was longer than the limit.
	Truncated bool
	// IDs and TypeIDs are its tokens with special ones and without padding; nil if the model does not show them.
	IDs, TypeIDs []int64
	// Head and Tail count the special tokens before and after the text's own.
	Head, Tail int
	// PromptLength is the number of leading tokens (special ones included) that pooling leaves out; 0 leaves none out.
	PromptLength int
}

// Batch is what a model returned for some inputs.
type Batch struct {
	// Vectors are inputs x dimension, after everything that the model does to them.
	Vectors [][]float32
	// States are token states, inputs x Seq x StateDim row-major, and Mask (inputs x Seq) is 1 at real tokens; nil if the
	// model has no capability States.
	States        []float32
	Mask          []int64
	Seq, StateDim int
}

// Info is what opening a model shows, read from its weights and graph or from a service's description of it. What its files
// say of themselves is the card's business, but for the prompts, which are part of how the model is used. A zero value is
// "not known".
type Info struct {
	// Text and Image report what the model can be given. A model that takes images has the capability Images.
	Text, Image bool
	// Unit is what Input.Cost counts.
	Unit Unit
	// ComputeType is the type that the model computes in, which decides how much two runs may differ by rounding.
	ComputeType tensor.DType
	// DefaultPrompt is prepended to texts that come without a prompt; Prompts are all that the model declares, by name.
	DefaultPrompt string
	Prompts       map[string]string
	// Names are what the model is called, most telling first.
	Names []Name

	// ModelType is config.json's model_type: it names what was built.
	ModelType string
	// Parameters counts the elements of all weights, Bytes their size; DType is the type of most of them.
	Parameters, Bytes int64
	DType             string
	// Files hold the weights.
	Files []string
	// VocabularySize is the number of rows of the token embedding.
	VocabularySize int
	// Output is the graph output that the vectors come from, Outputs are all that the graph has.
	Output  string
	Outputs []tensor.Info
	// InGraph reports that the model pools by itself, out of sight.
	InGraph bool
	// Assumed is how token states are pooled although no file names a way; nil if a file does, or the model pools by itself.
	Assumed *Assumption
	// Warnings are what a reader should know of what the model is and how it was built, a sentence each.
	Warnings []string
	// FixedSequence is the one length that the graph takes.
	FixedSequence int
	// QuantizesBatch reports that the graph quantizes what it computes by the range of a whole batch (dynamic quantization),
	// so that a text's vector depends on the texts it runs with. Alone, it depends on nothing else.
	QuantizesBatch bool
}

// Name is one of a model's names, and where it stands.
type Name struct{ Value, Where string }

// Limit is the longest input that a model is fed.
type Limit struct {
	// Tokens counts special tokens too; 0 is no limit.
	Tokens int
	// Reason is what sets it.
	Reason string
}

// As returns a capability of a model: one of the interfaces below. Ask with As and not with a type assertion, because one
// type may stand for models that differ in what they can do: such a type has a method As(target any) bool, which sets
// *target (a pointer to the interface) if this model has the capability. Other types have what they implement.
func As[C any](m Model) (capability C, ok bool) {
	if chooses, is := m.(interface{ As(target any) bool }); is {
		ok = chooses.As(&capability)
		return capability, ok
	}
	capability, ok = m.(C)
	return capability, ok
}

// TokenIDs is the capability of a model that takes token ids. Info.Unit is UnitTokens.
type TokenIDs interface {
	// FromIDs makes an input of token ids, cut to the limit.
	FromIDs(ids []int64) Input
	// RandomInputs are inputs of ids from the model's vocabulary, of these lengths in tokens or of the limit if that is less:
	// the same for the same seed.
	RandomInputs(seed uint64, lengths ...int) []Input
	// Limit is the longest input that Prepare makes.
	Limit() Limit
	// LowerLimit makes the model cut inputs shorter, after it showed that it cannot hold more.
	LowerLimit(tokens int, reason string)
}

// Tokens is the capability of a model whose tokenizer is at hand: what Prepare makes has IDs, and can be cut.
type Tokens interface {
	TokenIDs
	// Cut shortens an input to n tokens as truncation does: special tokens stay, and the text's own go from its end, or from
	// its beginning if CutsLeft. An input of n tokens or fewer, or one with more special tokens than n, stays as it is.
	Cut(in Input, n int) Input
	// CutsLeft reports that a long text loses its beginning.
	CutsLeft() bool
	// Offsets are where a text's tokens, without special ones, begin and end in it, in Unicode characters.
	Offsets(text string) ([][2]int, error)
}

// States is the capability of a model that shows its token states: Run sets Batch.States.
type States interface {
	// AfterPooling returns what follows pooling (Dense, LayerNorm) as a function of one pooled vector, without a final L2
	// normalization; nil if nothing follows, or if the model pools out of sight.
	AfterPooling() func(pooled []float32) ([]float32, error)
	// PooledWidth is the width of a pooled vector before what follows it; 0 before the first run, or if the model pools out
	// of sight.
	PooledWidth() int
}

// Padding is the capability of a model that pads the inputs of a batch to one length.
type Padding interface {
	// RunPadded is Run with padding to at least that many tokens.
	RunPadded(ctx context.Context, inputs []Input, atLeast int) (*Batch, error)
}

// Images is the capability of a model that takes images. Errors are *failure.Error of stage inference.
type Images interface {
	// Processor is the preprocessing that the model declares, and the file that declares it; without one, the usual one of
	// its kind and "". The error is of KindUnsupportedModel for a class that is not known (its cause is pixels.ErrUnknown),
	// of KindInvalidConfig for wrong values and for sizes that the model does not take.
	Processor(ctx context.Context) (p *pixels.Processor, file string, err error)
	// StandardProcessor is what models of its kind mostly use, in the size that the model takes: for one whose files declare
	// what is not known.
	StandardProcessor(ctx context.Context) (*pixels.Processor, error)
	// RunPixels returns the vectors of preprocessed images, all of one size: images x dimension, as the image tower returns
	// them.
	RunPixels(ctx context.Context, images []*pixels.Pixels) ([][]float32, error)
}

// Provider is the capability of a model whose nodes run on an engine here.
type Provider interface {
	// Provider reports which execution providers ran the nodes; call it once, after the last run.
	Provider() (engine.Provider, error)
}
