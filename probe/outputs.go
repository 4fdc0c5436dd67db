package probe

import (
	"fmt"
	"strings"

	"github.com/divinedevops/probe/models/tensor"
)

// maxOutputs is the most outputs that a report lists: a decoder has two for each layer. maxNoted is the most that a note names.
const (
	maxOutputs = 64
	maxNoted   = 4
)

// outputsOf lists the outputs of a graph.
func outputsOf(infos []tensor.Info) []Output {
	out := []Output{}
	for _, info := range infos[:min(len(infos), maxOutputs)] {
		o := Output{Name: info.Name, DType: info.DType.String()}
		if info.Shape != nil {
			o.Shape = []*int64{}
		}
		for _, d := range info.Shape {
			if d == tensor.DynamicDim {
				o.Shape = append(o.Shape, nil)
				continue
			}
			o.Shape = append(o.Shape, &d)
		}
		out = append(out, o)
	}
	return out
}

// outputNote says which output was measured, if there are others.
func (r *Report) outputNote() (string, bool) {
	if r.Model.Output == nil || len(r.Model.Outputs) < 2 {
		return "", false
	}
	var others []string
	for _, o := range r.Model.Outputs {
		if o.Name != *r.Model.Output {
			others = append(others, o.String())
		}
	}
	if rest := len(others) - maxNoted; rest > 0 {
		others = append(others[:maxNoted], fmt.Sprintf("%d more", rest))
	}
	return fmt.Sprintf("note: output %q was measured; the graph also has %s", *r.Model.Output, strings.Join(others, ", ")), true
}

// String is "882" (float32, ? x 384).
func (o Output) String() string {
	if o.Shape == nil {
		return fmt.Sprintf("%q (%s)", o.Name, o.DType)
	}
	dims := make([]string, len(o.Shape))
	for i, d := range o.Shape {
		if dims[i] = "?"; d != nil {
			dims[i] = fmt.Sprint(*d)
		}
	}
	return fmt.Sprintf("%q (%s, %s)", o.Name, o.DType, strings.Join(dims, " x "))
}
