package probe

import (
	"strings"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/vocabulary"
)

// property is one thing that probe measures. Everything that knows properties ranges over the table: the battery, the
// report, the drift, the schema, the text for a person.
type property struct {
	// key is its name in findings, and in measured, declared and drift if it has a column there.
	key string
	// label begins its line in the report for a person; "" if it has no line.
	label string
	// pooled is whether it is of the vectors as they are pooled: it rests on the pooling where that was assumed.
	pooled bool
	// needs is what a model must have for the property to be measured at all.
	needs needs
	// column is where it stands in Report.Measured and Report.Declared; the zero value is a property with a finding only.
	column column
	// declared reads what the files say, and the file and key that say it; a nil value if they say nothing. A property that
	// nothing can declare has none.
	declared func(c *card.Card) (value any, where string)
	// compared is the declared value as drift takes it, nil to leave it out; the function is nil if it is the value itself.
	compared func(declared any) any
	// unrelated reports that what was measured answers another question than what is declared: it is no drift. Nil: none does.
	unrelated func(measured any) bool
	// measure makes the finding from what the battery gathered in part, and again after other parts that add to it. A finding
	// without a value and without a reason is none. Nil: it is not the battery's (what happened, what the files hold), or it
	// is known while a part runs, because it ends the battery (finite).
	part    part
	again   []part
	measure func(b *battery) detect.Finding
	// line is what its line of the report for a person says of what was measured: the value, and what stands after it. Both are
	// "" if there is nothing to say. Nil says the value with the evidence's summary.
	line func(r *Report, f detect.Finding) (value, summary string)
	// stated is what the line says of what is declared; nil says the value.
	stated func(r *Report) string
	// onlyDrift hides the line of a property that is of interest only where it is wrong.
	onlyDrift bool
	// explained puts the reason among the notes where the value is not known, noted where it is.
	explained, noted bool
}

// needs is a set of what a model must have.
type needs uint8

const (
	needsText      needs = 1 << iota // it takes text or token ids
	needsSentences                   // it reads text as it stands
	needsTokens                      // it reads text and shows its tokens
	needsStates                      // it shows its token states, or pools in its graph
	needsPadding                     // its padding can be set
	needsImages                      // it takes images
)

// part is a part of the battery, by the name that progress shows.
type part string

const (
	partOpen     part = "load"     // read off the files and weights
	partRun      part = "run"      // the short texts
	partLength   part = "length"   // the long text
	partImages   part = "images"   // the images
	partTriplets part = "triplets" // the triplets
	partPrompts  part = "prompts"  // the prompts
	partCost     part = "cost"     // texts of several lengths
)

// properties is the table, in the order of the lines in the report for a person. It is a function because a variable that
// refers to the battery, which ranges over it, would be initialized by itself.
func properties() []property {
	const text = needsText
	const sentences = needsText | needsSentences
	const tokens = needsText | needsTokens
	return append([]property{
		{key: vocabulary.KeyLoadSuccess, column: boolean(func(p *Properties) **bool { return &p.LoadSuccess }), part: partOpen},
		{key: vocabulary.KeyInferenceSuccess, column: boolean(func(p *Properties) **bool { return &p.InferenceSuccess }), part: partRun},
		{key: vocabulary.KeyFingerprint, pooled: true, needs: text, part: partRun, measure: measureFingerprint},
		{key: vocabulary.KeyKnownAs, pooled: true, label: "known as", needs: text, part: partRun, measure: measureKnownAs, line: otherName},
		{key: vocabulary.KeyFinite, part: partRun},
		{key: vocabulary.KeyEmbeddingDimension, label: "dimension", part: partRun, again: []part{partImages}, measure: measureDimension, line: valueOnly, explained: true,
			column:   integer(func(p *Properties) **int { return &p.EmbeddingDimension }),
			declared: func(c *card.Card) (any, string) { return said(c.EmbeddingDimension) }},
		{key: vocabulary.KeyPooling, label: "pooling", needs: text | needsStates, part: partRun, again: []part{partTriplets}, measure: measurePooling, line: poolingLine, explained: true,
			column: pattern(poolingPattern(), func(p *Properties) **string { return &p.Pooling }), declared: declaredPooling},
		{key: vocabulary.KeyNormalization, pooled: true, label: "normalization", part: partRun, again: []part{partImages}, measure: measureNormalization, stated: normalizeModule, explained: true,
			column:   word(vocabulary.Normalizations(), func(p *Properties) **string { return &p.Normalization }),
			declared: func(c *card.Card) (any, string) { return said(c.Normalization) }},
		{key: vocabulary.KeyDistanceMetric, pooled: true, label: "distance", part: partRun, again: []part{partImages, partTriplets}, measure: measureDistance, line: equivalentMetrics, stated: savedMetric, explained: true,
			column:   word(nil, func(p *Properties) **string { return &p.DistanceMetric }),
			declared: func(c *card.Card) (any, string) { return said(c.Similarity) }},
		{key: vocabulary.KeyTriplets, needs: sentences, part: partTriplets, measure: measureTriplets},
		{key: vocabulary.KeyDistanceBehaviour, pooled: true, label: "accuracy", needs: sentences, part: partTriplets, measure: measureDistanceBehaviour, line: summaryOnly},
		{key: vocabulary.KeyLanguages, pooled: true, needs: sentences, part: partTriplets, measure: measureLanguages},
		{key: vocabulary.KeyIsotropy, pooled: true, needs: sentences, part: partTriplets, measure: measureIsotropy},
		{key: vocabulary.KeyMatryoshka, pooled: true, needs: sentences, part: partTriplets, measure: measureMatryoshka},
		{key: vocabulary.KeyQuantization, pooled: true, label: "smaller vectors", needs: sentences, part: partTriplets, measure: measureQuantization, line: smallerVectors},
		{key: vocabulary.KeyMaxSequenceLength, label: "longest text", needs: tokens, part: partLength, measure: measureLongestText, line: inTokens, explained: true,
			column:   integer(func(p *Properties) **int { return &p.MaxSequenceLength }),
			declared: func(c *card.Card) (any, string) { return said(c.MaxSequenceLength) }},
		{key: vocabulary.KeyTruncation, needs: tokens, part: partLength, measure: measureTruncation},
		{key: vocabulary.KeyLengthCost, needs: tokens, part: partCost, measure: measureLengthCost},
		{key: vocabulary.KeyModalities, label: "modalities", part: partImages, measure: measureModalities, line: valueOnly, explained: true,
			column:   list(func(p *Properties) *[]string { return &p.Modalities }),
			declared: func(c *card.Card) (any, string) { return said(c.Modalities) }},
		{key: vocabulary.KeyTextImageAgreement, label: "text to image", needs: text | needsImages, part: partImages, measure: measureTextImageAgreement, line: undeterminedToo},
		{key: vocabulary.KeyPrompts, needs: sentences, part: partPrompts, measure: measurePrompts,
			column:   texts(func(p *Properties) *map[string]string { return &p.Prompts }),
			declared: func(c *card.Card) (any, string) { return said(c.Prompts) }, compared: triedPrompts},
		{key: vocabulary.KeyPromptsNeeded, pooled: true, needs: sentences, part: partPrompts, measure: measurePromptsNeeded, noted: true},
		{key: vocabulary.KeyVocabularySize, label: "vocabulary", needs: text, part: partOpen, line: valueOnly, onlyDrift: true,
			column: integer(func(p *Properties) **int { return &p.VocabularySize }), declared: declaredVocabulary},
		{key: vocabulary.KeyDType, part: partOpen,
			column:   word(nil, func(p *Properties) **string { return &p.DType }),
			declared: func(c *card.Card) (any, string) { return said(c.DType) }, unrelated: quantizedType},
		{key: vocabulary.KeyBatchInvariance, label: "batch invariance", needs: text, part: partRun, measure: measureBatchInvariance, line: twoRuns("alone and batched", "between alone and batched")},
		{key: vocabulary.KeyPaddingInvariance, needs: text | needsPadding, part: partRun, measure: measurePaddingInvariance},
		{key: vocabulary.KeyDeterminism, label: "determinism", needs: text, part: partRun, measure: measureDeterminism, line: twoRuns("on a second run", "on a second run")},
	}, addedProperties...)
}

// quantizedType reports a type that weights are only quantized to: config.json's is that of the weights before that, which
// no tool that quantizes changes.
func quantizedType(measured any) bool {
	name, ok := measured.(string)
	return ok && (strings.HasPrefix(name, "int") || strings.HasPrefix(name, "uint") || strings.HasPrefix(name, "float8") ||
		strings.HasPrefix(name, "float4"))
}

// addedProperties are lines that tests add.
var addedProperties []property

// said is a value that a file states, with the place; nil if none does.
func said[T any](d *card.Declared[T]) (value any, where string) {
	if d == nil {
		return nil, ""
	}
	return d.Value, d.Where()
}

// declaredPooling joins the modes that are concatenated.
func declaredPooling(c *card.Card) (any, string) {
	if c.Pooling == nil {
		return nil, ""
	}
	names := make([]string, len(c.Pooling.Value))
	for i, mode := range c.Pooling.Value {
		names[i] = string(mode)
	}
	return strings.Join(names, "+"), c.Pooling.Where()
}

func declaredVocabulary(c *card.Card) (any, string) {
	if c.Config == nil {
		return nil, ""
	}
	return said(c.Config.VocabSize)
}

// triedPrompts are the prompts that were run: an empty one cannot do anything, and not all of many are tried.
func triedPrompts(declared any) any {
	all, _ := declared.(map[string]string)
	if tried := withText(all); len(tried) > 0 && len(tried) <= maxPrompts {
		return tried
	}
	return nil
}
