package gomlx

import (
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/vocabulary"
)

// refuse returns an error for a node that onnx-gomlx v0.5.2 converts into something else, because it does not look at an attribute or
// input, and that no rule helps.
func (p *program) refuse(o op) error {
	why := ""
	switch o.name {
	case "ArgMax", "ArgMin":
		if o.integer("select_last_index", 0) != 0 {
			why = "the last of equal elements"
		}
	case "GroupQueryAttention":
		switch {
		case o.integer("do_rotary", 0) != 0:
			why = "rotary positions inside"
		case o.attribute("softcap", "smooth_softmax"):
			why = "a changed softmax"
		}
	case "MultiHeadAttention":
		switch {
		case o.input(3) != "" || o.input(4) != "":
			why = "a bias or a mask of keys"
		case o.input(6) != "" || o.input(7) != "" || len(o.out) > 1:
			why = "keys and values of the past"
		case o.integer("unidirectional", 0) != 0:
			why = "a causal mask"
		}
	case "Pad":
		if o.input(3) != "" {
			why = "axes"
		}
	case "Resize":
		why = o.otherResize()
	case "RotaryEmbedding":
		if o.attribute("scale", "is_packed_batching") {
			why = "a scale, or packed texts"
		}
	}
	if why == "" {
		return nil
	}
	return failure.Errorf(failure.StageLoad, failure.KindUnsupportedOp,
		"the pure Go engine has no %s with %s (node %q); ONNX Runtime may have", o.name, why, o.title()).
		With(vocabulary.RemedyONNXRuntime, vocabulary.RemedyInstallRuntime)
}

// otherResize returns what of a Resize GoMLX does differently: it has no cubic interpolation, and takes for the nearest element
// the one that coordinates rounded down give.
func (o op) otherResize() string {
	mode, coordinates, rounds := o.text("mode"), o.text("coordinate_transformation_mode"), o.text("nearest_mode")
	switch {
	case mode == "cubic":
		return "cubic interpolation"
	case o.integer("antialias", 0) != 0:
		return "antialias"
	case mode == "linear":
		return ""
	case coordinates != "asymmetric" || rounds != "floor":
		return "nearest elements other than asymmetric, floor"
	}
	return ""
}

// attribute reports whether the node has one of the attributes.
func (o op) attribute(names ...string) bool {
	for _, name := range names {
		if _, ok := o.attr(name); ok {
			return true
		}
	}
	return false
}

// title is the node's name, or that of its first result if it has none.
func (o op) title() string {
	if o.label == "" {
		return o.result()
	}
	return o.label
}
