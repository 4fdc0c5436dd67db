package probe

import (
	"fmt"
	"strings"

	"github.com/divinedevops/probe/detect"
)

// report moves what the battery found into the report.
func (b *battery) report(r *Report) {
	for key, f := range b.findings {
		r.Findings[key] = f
	}
	if b.together != nil {
		r.Timings.FirstInference = seconds(b.first)
	}
	r.Timings.OneText = b.oneText()
}

// measuredKeys are the keys of Properties, each of which has a finding.
var measuredKeys = []string{
	"load_success", "inference_success", "embedding_dimension", "normalization", "pooling", "distance_metric",
	"max_sequence_length", "modalities", "prompts", "vocabulary_size", "dtype",
}

// conclude derives what rests on the whole: the measured values from their findings, the drift, the registry's keys.
func (r *Report) conclude() {
	outcome := func(key string, value *bool, reason string) {
		if value == nil {
			r.Findings[key] = detect.Finding{Reason: reason}
			return
		}
		r.Findings[key] = detect.Finding{Value: *value, Confidence: 1, Evidence: detect.CountedEvidence{Method: "what happened"}}
	}
	if r.Error != nil {
		no := false
		// What failed to load never ran.
		if r.Measured.LoadSuccess != nil && !*r.Measured.LoadSuccess {
			r.Measured.InferenceSuccess = &no
		}
	}
	outcome("load_success", r.Measured.LoadSuccess, "the probe ended before the model was opened")
	outcome("inference_success", r.Measured.InferenceSuccess, "the probe ended before the model had run")
	for _, key := range measuredKeys {
		if _, ok := r.Findings[key]; !ok {
			r.Findings[key] = detect.Finding{Reason: r.whyMissing()}
		}
	}
	r.takeValues()
	r.Drift = detect.CompareDeclared(r.declaredValues(), r.Findings)
	r.Dimension, r.Normalization = r.Measured.EmbeddingDimension, r.Measured.Normalization
	r.Modality = modality(r.Measured.Modalities)
	r.Description = r.describe()
}

func (r *Report) whyMissing() string {
	if r.Error != nil {
		return fmt.Sprintf("the probe ended before: %s", r.Error.Kind)
	}
	return "not measured for this kind of model"
}

// takeValues copies the findings' values to the measured side.
func (r *Report) takeValues() {
	m := &r.Measured
	m.EmbeddingDimension = valueOf[int](r, "embedding_dimension")
	m.Normalization = valueOf[string](r, "normalization")
	m.Pooling = valueOf[string](r, "pooling")
	m.DistanceMetric = valueOf[string](r, "distance_metric")
	m.MaxSequenceLength = valueOf[int](r, "max_sequence_length")
	m.VocabularySize = valueOf[int](r, "vocabulary_size")
	m.DType = valueOf[string](r, "dtype")
	r.Model.Fingerprint = valueOf[string](r, "fingerprint")
	r.Model.KnownAs = valueOf[string](r, "known_as")
	if list := valueOf[map[string]string](r, "prompts"); list != nil {
		m.Prompts = *list
	}
	if list := valueOf[[]string](r, "modalities"); list != nil {
		m.Modalities = *list
	}
}

// valueOf is a finding's value, nil where it has none. A finding of another type is a fault of probe that its own tests
// over every model would show.
func valueOf[T any](r *Report, key string) *T {
	if v, ok := r.Findings[key].Value.(T); ok {
		return &v
	}
	return nil
}

// declaredValues are the declared properties by key, for the comparison.
func (r *Report) declaredValues() map[string]any {
	d := map[string]any{}
	set := func(key string, v any, known bool) {
		if known {
			d[key] = v
		}
	}
	p := r.Declared
	set("embedding_dimension", deref(p.EmbeddingDimension), p.EmbeddingDimension != nil)
	set("normalization", deref(p.Normalization), p.Normalization != nil)
	set("pooling", deref(p.Pooling), p.Pooling != nil)
	set("distance_metric", deref(p.DistanceMetric), p.DistanceMetric != nil)
	set("max_sequence_length", deref(p.MaxSequenceLength), p.MaxSequenceLength != nil)
	set("modalities", p.Modalities, p.Modalities != nil)
	if tried := withText(p.Prompts); len(tried) > 0 && len(tried) <= maxPrompts {
		set("prompts", tried, true) // an empty prompt cannot do anything
	}
	set("vocabulary_size", deref(p.VocabularySize), p.VocabularySize != nil)
	set("dtype", deref(p.DType), p.DType != nil)
	return d
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// modality is the registry's single word for a list of modalities.
func modality(list []string) *string {
	word := "multimodal"
	switch len(list) {
	case 0:
		return nil
	case 1:
		word = list[0]
	}
	return &word
}

// describe is one sentence on the model for the registry, of measured facts only.
func (r *Report) describe() string {
	if r.Error != nil {
		return fmt.Sprintf("Measured by probe: %s failed (%s)", r.Error.Stage, r.Error.Kind)
	}
	var parts []string
	if r.Dimension != nil {
		parts = append(parts, fmt.Sprintf("%d dimensions", *r.Dimension))
	}
	if p := r.Measured.Pooling; p != nil && *p != detect.PoolingUnknown {
		parts = append(parts, *p+" pooling")
	}
	if n := r.Measured.Normalization; n != nil {
		parts = append(parts, map[string]string{
			detect.NormalizationL2: "L2-normalized", detect.NormalizationNone: "not normalized",
		}[*n])
	}
	if n := r.Measured.MaxSequenceLength; n != nil {
		parts = append(parts, fmt.Sprintf("texts up to %d tokens", *n))
	}
	if len(parts) == 0 {
		return "Measured by probe"
	}
	return "Measured by probe: " + strings.Join(parts, ", ")
}
