package probe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/vocabulary"
)

// report moves what the battery found into the report.
func (b *battery) report(r *Report) {
	for key, f := range b.findings {
		r.Findings[key] = f
	}
	if b.short != nil && b.short.failing != "" && !slices.Contains(r.Warnings, b.short.failing) {
		r.Warnings = append(r.Warnings, b.short.failing)
	}
	if b.short != nil {
		r.Timings.FirstInference = seconds(b.short.first)
	}
	r.Timings.OneText = b.oneText()
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
	outcome(vocabulary.KeyLoadSuccess, r.Measured.LoadSuccess, "the probe ended before the model was opened")
	outcome(vocabulary.KeyInferenceSuccess, r.Measured.InferenceSuccess, "the probe ended before the model had run")
	for _, p := range properties() {
		if _, ok := r.Findings[p.key]; !ok && p.column.set != nil {
			r.Findings[p.key] = detect.Finding{Reason: r.whyMissing()}
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
	for _, p := range properties() {
		if p.column.set != nil {
			p.column.set(&r.Measured, r.Findings[p.key].Value)
		}
	}
	r.Model.Fingerprint = valueOf[string](r, vocabulary.KeyFingerprint)
	r.Model.KnownAs = valueOf[string](r, vocabulary.KeyKnownAs)
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
	values := map[string]any{}
	for _, p := range properties() {
		if p.declared == nil {
			continue
		}
		v := p.column.get(&r.Declared)
		if v != nil && p.compared != nil {
			v = p.compared(v)
		}
		if p.unrelated != nil && p.unrelated(r.Findings[p.key].Value) {
			continue
		}
		if v != nil {
			values[p.key] = v
		}
	}
	return values
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
