package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights"
)

// What looks like an embedding model and is something else is refused by what it is, and what sentence-transformers would
// take as dense though it was trained for something else is run with a caution. A model with modules.json was saved as an
// embedding model: the class that config.json names is then only what it was trained from.

// fewestDimensions is the least width of an embedding: one and two numbers are what rerankers and two-way classifiers give.
const fewestDimensions = 3

// purpose is what a class of config.json's architectures was made for.
type purpose int

const (
	purposeUnknown   purpose = iota // the class gives hidden states, or is not known
	purposeClassify                 // scores of labels: rerankers and classifiers
	purposeFillMask                 // scores of words in the place of masked ones
	purposeGenerate                 // scores of the next word
	purposeManyUnits                // a vector a token
)

// purposes are told by the ends of the names of transformers' classes
// (https://huggingface.co/docs/transformers/model_doc/auto).
func purposes() []struct {
	end string
	is  purpose
} {
	return []struct {
		end string
		is  purpose
	}{
		{"ForSequenceClassification", purposeClassify}, {"ForTokenClassification", purposeClassify},
		{"ForMultipleChoice", purposeClassify}, {"ForQuestionAnswering", purposeClassify},
		{"ForNextSentencePrediction", purposeClassify}, {"ForImageClassification", purposeClassify},
		{"ForMaskedLM", purposeFillMask}, {"ForPreTraining", purposeFillMask},
		{"ForCausalLM", purposeGenerate}, {"LMHeadModel", purposeGenerate}, {"ForConditionalGeneration", purposeGenerate},
		{"ColBERT", purposeManyUnits}, {"ForRetrieval", purposeManyUnits},
	}
}

// purposeOf is the first class that config.json names, and what it is for.
func purposeOf(c *card.Card) (class string, is purpose) {
	if c.Config == nil || c.Config.Architectures == nil || len(c.Config.Architectures.Value) == 0 {
		return "", purposeUnknown
	}
	class = c.Config.Architectures.Value[0]
	for _, p := range purposes() {
		if strings.HasSuffix(class, p.end) {
			return class, p.is
		}
	}
	return class, purposeUnknown
}

func notEmbedding(format string, args ...any) error {
	return failure.Errorf(failure.StageLoad, failure.KindNotEmbedding, "expected an embedding model, found "+format, args...)
}

// manyVectors refuses ColBERT and its kin by what their files say.
func (e *Encoder) manyVectors() error {
	if e.card.ModulesDeclared || e.asked != "" {
		return nil
	}
	if class, is := purposeOf(e.card); is == purposeManyUnits {
		return notEmbedding("a ColBERT model (config.json: architectures: %s): it gives one vector a token for late interaction, "+
			"not one a text", class)
	}
	if e.card.ColBERT {
		return notEmbedding("a ColBERT model (%s): it gives one vector a token for late interaction, not one a text",
			card.ColBERTFile)
	}
	return nil
}

// judgeWeights refuses weights with a classifier on top, and adds a caution to other models that were made for something
// else. A pooling that was asked for makes a refusal a caution: the caller knows better.
func (e *Encoder) judgeWeights(set *weights.Set) error {
	if e.card.ModulesDeclared {
		return nil
	}
	class, is := purposeOf(e.card)
	head, labels := classifier(set)
	switch {
	case head != "" && (is == purposeClassify || class == ""):
		err := notEmbedding("%s", classifierSentence(class, head, labels))
		if e.asked == "" {
			return err
		}
		e.caution("these are the hidden states of %s", classifierSentence(class, head, labels))
	case head != "" && is == purposeUnknown:
		e.caution("the weights hold %s, which the model class %s does not use", head, class)
	default:
		e.cautionClass(class, is)
	}
	return nil
}

func classifierSentence(class, head string, labels int64) string {
	what := "a classifier"
	switch labels {
	case 0:
	case 1:
		what = "a reranker (cross-encoder)"
	default:
		what = fmt.Sprintf("a classifier of %d labels", labels)
	}
	if class != "" {
		what += fmt.Sprintf(" (config.json: architectures: %s)", class)
	}
	return what + ": " + head + " turns its states into scores"
}

// cautionClass warns of hidden states that were not trained to be embeddings.
func (e *Encoder) cautionClass(class string, is purpose) {
	what := map[purpose]string{
		purposeClassify: "a classifier or reranker", purposeFillMask: "a masked language model", purposeGenerate: "a generator of text",
	}[is]
	if what != "" {
		e.caution("config.json names the class %s: %s, whose hidden states were not trained to be embeddings", class, what)
	}
}

func (e *Encoder) caution(format string, args ...any) {
	e.info.Warnings = append(e.info.Warnings, fmt.Sprintf(format, args...))
}

// classifier is the tensor that gives scores of labels, and how many; "" if the weights have none. The names are those of
// transformers' heads, the last layer of each.
func classifier(set *weights.Set) (name string, labels int64) {
	for _, name := range []string{
		"classifier.out_proj.weight", "classifier.weight", "score.weight", "classification_head.out_proj.weight", "qa_outputs.weight",
		"logits_proj.weight", "classifier.dense.weight",
	} {
		t, ok := set.Lookup(name)
		if !ok || len(t.Shape) != 2 {
			continue
		}
		if name == "classifier.dense.weight" {
			return name, 0 // its last layer goes by a name that is not known
		}
		return name, t.Shape[0]
	}
	return "", 0
}

// judgeOutputs refuses a graph whose vectors are scores by their width.
func (e *Encoder) judgeOutputs(o *outputs) error {
	for _, out := range []*tensor.Info{o.pooled, o.states, o.image} {
		if out == nil || len(out.Shape) == 0 {
			continue
		}
		if len(out.Shape) == 2 && e.softmaxed != nil && e.softmaxed(out.Name) && !e.card.ModulesDeclared {
			return notEmbedding("a classifier: output %q holds the probabilities that a softmax gives", out.Name)
		}
		if err := e.judgeWidth(out.Name, out.Shape[len(out.Shape)-1]); err != nil {
			return err
		}
	}
	return nil
}

// judgeWidth refuses an output of that many numbers; a width that is not known passes.
func (e *Encoder) judgeWidth(output string, width int64) error {
	class, is := purposeOf(e.card)
	switch {
	case width < 1:
	case width < fewestDimensions && !e.card.ModulesDeclared:
		return notEmbedding("scores: output %q has %s, which is what a reranker or a classifier gives%s",
			output, numbers(width), named(class))
	case !e.card.ModulesDeclared && is == purposeClassify && width == e.labels():
		return notEmbedding("a classifier: output %q has the %d labels of config.json%s", output, width, named(class))
	case e.vocabularyWide(width):
		if is == purposeGenerate {
			return notEmbedding("a generator of text: output %q scores each of the %d words of the vocabulary%s", output, width, named(class))
		}
		return notEmbedding("a masked language model or a sparse model such as SPLADE: output %q scores each of the %d words of "+
			"the vocabulary%s", output, width, named(class))
	}
	return nil
}

func numbers(n int64) string {
	if n == 1 {
		return "one number"
	}
	return fmt.Sprintf("%d numbers", n)
}

func named(class string) string {
	if class == "" {
		return ""
	}
	return " (config.json: architectures: " + class + ")"
}

// vocabularyWide reports whether a width is that of the vocabulary and not that of the states. A vocabulary no larger than
// common widths proves nothing without a configuration that tells the two apart.
func (e *Encoder) vocabularyWide(width int64) bool {
	const largestWidth = 16384
	c := e.card.Config
	rows := int64(e.info.VocabularySize)
	if c != nil && c.VocabSize != nil && int64(c.VocabSize.Value) == width {
		rows = width
	}
	if rows != width {
		return false
	}
	switch {
	case c != nil && c.HiddenSize != nil:
		return int64(c.HiddenSize.Value) != width
	case e.tableWidth > 0:
		return e.tableWidth != width
	}
	return width > largestWidth
}

// labels is how many labels config.json lists, 0 if it lists none.
func (e *Encoder) labels() int64 {
	if e.card.Config == nil {
		return 0
	}
	var names map[string]any
	if json.Unmarshal(e.card.Config.Raw["id2label"], &names) == nil && len(names) > 0 {
		return int64(len(names))
	}
	return 0
}

// judgeRun refuses what only a run shows: the width of outputs whose shape is open, token states that are unit vectors each,
// and probabilities.
func (e *Encoder) judgeRun(f *features) error {
	if e.info.InGraph && f.pooled != nil {
		return e.judgeVectors(e.info.Output, f.pooled[:f.batch*f.pooledDim], f.pooledDim)
	}
	if f.states == nil || e.static() {
		return nil
	}
	if err := e.judgeWidth(e.info.Output, int64(f.stateDim)); err != nil {
		return whenRun(err)
	}
	if a := e.info.Assumed; a != nil && !a.Asked && f.unitStates() {
		return whenRun(notEmbedding("a vector a token: output %q gives unit vectors for tokens, as ColBERT and other models of late "+
			"interaction do, and no file says how to make one vector a text of them", e.info.Output))
	}
	return nil
}

// judgeVectors refuses a graph's own vectors by their width, and those that are all probabilities of labels.
func (e *Encoder) judgeVectors(output string, flat []float32, dim int) error {
	if err := e.judgeWidth(output, int64(dim)); err != nil {
		return whenRun(err)
	}
	if e.card.ModulesDeclared || !probabilities(flat, dim) {
		return nil
	}
	return whenRun(notEmbedding("a classifier: the %d numbers of output %q are probabilities, not negative and 1 in sum for each input",
		dim, output))
}

// whenRun moves a refusal to the stage at which it showed.
func whenRun(err error) error {
	var refused *failure.Error
	if errors.As(err, &refused) {
		refused.Stage = failure.StageInference
	}
	return err
}

// probabilities reports whether each row is non-negative and sums to 1, as softmax gives. Rows of a single 1 are left
// out: they could be anything.
func probabilities(flat []float32, dim int) bool {
	const near = 1e-3
	spread := false
	for row := range slices.Chunk(flat, dim) {
		sum, top := 0.0, 0.0
		for _, x := range row {
			if !(x >= 0) {
				return false
			}
			sum, top = sum+float64(x), max(top, float64(x))
		}
		if math.Abs(sum-1) > near {
			return false
		}
		spread = spread || top < 1
	}
	return spread
}

// unitStates reports whether the state of each token has the length 1, though not all along one axis. Real states are as
// long as LayerNorm makes them, and differ.
func (f *features) unitStates() bool {
	const near = 1e-3
	seen, spread := false, false
	for i, m := range f.mask {
		if m == 0 {
			continue
		}
		square, top := 0.0, 0.0
		for _, x := range f.states[i*f.stateDim : (i+1)*f.stateDim] {
			square, top = square+float64(x)*float64(x), max(top, math.Abs(float64(x)))
		}
		if square == 0 {
			continue // a token that late interaction leaves out, such as punctuation
		}
		if !(math.Abs(square-1) <= near) {
			return false
		}
		seen, spread = true, spread || top < 1-near
	}
	return seen && spread
}

// explainRefusal says of a graph without any output that could be an embedding what its configuration says it is.
func (e *Encoder) explainRefusal(err error) error {
	class, is := purposeOf(e.card)
	what := map[purpose]string{
		purposeClassify: "a classifier or reranker", purposeFillMask: "a masked language model", purposeGenerate: "a generator of text",
		purposeManyUnits: "a ColBERT model",
	}[is]
	var refused *failure.Error
	if what == "" || !errors.As(err, &refused) || refused.Kind != failure.KindNotEmbedding || refused.Stage == failure.StageLoad {
		return err
	}
	return failure.Errorf(failure.StageInference, failure.KindNotEmbedding, "%s%s: %w", what, named(class), err)
}
