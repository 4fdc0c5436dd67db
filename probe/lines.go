package probe

import (
	"fmt"
	"path"
	"strings"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/vocabulary"
)

// What the lines of the report for a person say: functions for the columns line and stated of the properties.

// valueAndSummary is "l2" with "norms 1 +- 6e-8".
func valueAndSummary(_ *Report, f detect.Finding) (value, summary string) {
	if f.Value == nil {
		return "", ""
	}
	return plain(f.Value), f.Summary()
}

func valueOnly(_ *Report, f detect.Finding) (value, summary string) { return plain(f.Value), "" }

// poolingLine is the mode, with a question mark if nothing showed it: "mean?" with "guessed, cls fits too".
func poolingLine(r *Report, f detect.Finding) (value, summary string) {
	a := r.Assumed[vocabulary.KeyPooling]
	if a == nil {
		return plain(f.Value), ""
	}
	mode := plain(a.Value)
	switch {
	case r.askedPooling():
		return mode, "as asked"
	case r.Model.KnownAs != nil && isSame(r.Findings[vocabulary.KeyKnownAs]):
		return mode + "?", "as " + path.Base(*r.Model.KnownAs)
	case f.Guess == nil:
		return mode + "?", "assumed"
	case f.Guess.Value != mode:
		return mode + "?", "assumed, " + plain(f.Guess.Value) + " fits better"
	}
	other, fits := f.Guess.Other()
	switch {
	case fits:
		return mode + "?", "guessed, " + other + " fits too"
	case other != "":
		return mode + "?", "guessed, " + other + " is possible"
	}
	return mode + "?", "guessed"
}

func summaryOnly(_ *Report, f detect.Finding) (value, summary string) { return "", f.Summary() }

// undeterminedToo shows the numbers of what was tried and not decided.
func undeterminedToo(_ *Report, f detect.Finding) (value, summary string) {
	summary = f.Summary()
	switch {
	case summary == "":
		return "", ""
	case f.Value == nil:
		return "undetermined", summary
	}
	return plain(f.Value), summary
}

// otherName is the public name of a model that goes by another one.
func otherName(r *Report, f detect.Finding) (value, summary string) {
	if f.Value == nil || f.Value == r.Name {
		return "", ""
	}
	return plain(f.Value), f.Summary()
}

// normalizeModule names what declares l2: the last module of the pipeline.
func normalizeModule(r *Report) string {
	declared := r.Declared.Normalization
	switch {
	case declared == nil:
		return ""
	case *declared == vocabulary.NormalizationL2:
		return "Normalize module"
	}
	return *declared
}

// equivalentMetrics is "cosine = dot = euclidean" where the three rank alike.
func equivalentMetrics(_ *Report, f detect.Finding) (value, summary string) {
	same := f.Equivalents()
	switch {
	case f.Value != nil && len(same) > 1:
		return strings.Join(same, " = "), ""
	case f.Value == nil && strings.HasPrefix(f.Reason, "undetermined"):
		return "undetermined", ""
	}
	return plain(f.Value), ""
}

// savedMetric says that no metric is saved, which is what most models do: libraries then fill in cosine.
func savedMetric(r *Report) string {
	switch {
	case r.Declared.DistanceMetric != nil:
		return *r.Declared.DistanceMetric
	case r.Error != nil && r.Measured.DistanceMetric == nil:
		return ""
	}
	return "none saved"
}

func inTokens(_ *Report, f detect.Finding) (value, summary string) {
	n, ok := f.Value.(int)
	if !ok {
		return "", ""
	}
	return grammar.Plural(n, "token"), ""
}

// twoRuns is how far two runs of the same texts differ: "identical alone and batched", "1.2e-7 between alone and batched".
func twoRuns(same, apart string) func(*Report, detect.Finding) (value, summary string) {
	return func(_ *Report, f detect.Finding) (value, summary string) {
		switch f.Value {
		case nil:
			return "", ""
		case detect.SameBits:
			return f.Summary() + " " + same, ""
		case detect.Differs:
			return "DIFFERS by " + f.Summary() + " " + apart, ""
		}
		return f.Summary() + " " + apart, ""
	}
}

// smallerVectors is which smaller forms of the vectors keep their worth: "the first 96 numbers, int8 or binary".
func smallerVectors(r *Report, quantization detect.Finding) (value, summary string) {
	forms, quantized := quantization.Value.([]string)
	dim, cut := r.Findings[vocabulary.KeyMatryoshka].Value.(int)
	if !quantized || !cut {
		return "", ""
	}
	if r.Dimension != nil && dim < *r.Dimension {
		forms = append([]string{fmt.Sprintf("the first %d numbers", dim)}, forms...)
	}
	if len(forms) == 0 {
		return "no smaller form keeps 98% of accuracy", ""
	}
	return grammar.Or(forms) + " keep 98% of accuracy", ""
}
