package main

import (
	"fmt"
	"strings"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/probe"
)

// moreRows are the lines of what has no declared side, for what was measured of it.
func moreRows(r *probe.Report) []row {
	return []row{
		{key: "known as", measured: knownCell(r)},
		{key: "accuracy", measured: accuracyCell(r)},
		{key: "smaller vectors", measured: smallerCell(r)},
	}
}

// knownCell is the public name of a model that goes by another one.
func knownCell(r *probe.Report) string {
	f := r.Findings["known_as"]
	name, ok := f.Value.(string)
	e, typed := f.Evidence.(detect.KnownEvidence)
	if !ok || !typed || name == r.Name {
		return ""
	}
	if e.Relation == detect.RelationSame {
		return fitted(name, width-keyWidth)
	}
	return fitted(fmt.Sprintf("near %s (%d of 64 bits differ)", name, e.Distance), width-keyWidth)
}

// accuracyCell is how well the vectors tell paraphrases: "0.997 on 302 triplets (0.981 to 0.999), cosine".
func accuracyCell(r *probe.Report) string {
	e, ok := r.Findings["distance_behaviour"].Evidence.(detect.TripletEvidence)
	if !ok || len(e.Metrics) == 0 {
		return ""
	}
	best := e.Metrics[0]
	for _, m := range e.Metrics {
		if m.Accuracy > best.Accuracy {
			best = m
		}
	}
	s := fmt.Sprintf("%.3f on %d triplets (%.3f to %.3f)", best.Accuracy, e.Triplets, best.Interval.Low, best.Interval.High)
	if r.Findings["distance_behaviour"].Value == nil && best.Interval.Low <= 0.5 {
		return s + ", chance"
	}
	return s
}

// smallerCell is which smaller forms of the vectors keep their worth: "first 96 numbers, int8, binary keep 98 %".
func smallerCell(r *probe.Report) string {
	var forms []string
	dim, ok := r.Findings["matryoshka"].Value.(int)
	if r.Dimension != nil && ok && dim < *r.Dimension {
		forms = append(forms, fmt.Sprintf("the first %d numbers", dim))
	}
	list, quantized := r.Findings["quantization"].Value.([]string)
	forms = append(forms, list...)
	switch {
	case !ok || !quantized:
		return ""
	case len(forms) == 0:
		return "no smaller form keeps 98 % of the accuracy"
	case len(forms) == 1:
		return forms[0] + " keep 98 % of the accuracy"
	}
	return strings.Join(forms[:len(forms)-1], ", ") + " or " + forms[len(forms)-1] + " keep 98 % of the accuracy"
}
