package gomlx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/onnx/pb"
	"github.com/divinedevops/probe/models/tensor"
)

// nowInputs are the attributes of older operator sets that later ones have as inputs, from the second on.
var nowInputs = map[string][]string{
	"Clip":  {"min", "max"},             // until 11
	"Pad":   {"pads", "value"},          // until 11
	"Slice": {"starts", "ends", "axes"}, // until 10
	"Split": {"split"},                  // until 13
	"TopK":  {"k"},                      // until 10
}

// attributesToInputs returns a node of an older operator set the inputs that a later one has: onnx-gomlx looks at those
// alone. It does not see the attributes of Clip and Split at all, and so clips nothing and splits evenly.
func attributesToInputs(p *program, o op) []op {
	if len(o.in) != 1 {
		return nil
	}
	s := &steps{p: p}
	in := []string{o.in[0]}
	for _, name := range nowInputs[o.name] {
		a, ok := o.attr(name)
		if !ok {
			in = append(in, "")
			continue
		}
		in = append(in, s.add(p.attributeValue(a)))
	}
	for in[len(in)-1] == "" && len(in) > 1 {
		in = in[:len(in)-1]
	}
	if len(s.nodes) == 0 {
		return nil
	}
	if o.name == "Slice" && len(in) == 3 { // which cuts the first axes, as many as there are starts
		a, _ := o.attr("starts")
		axes := make([]int64, len(pb.Ints(a, pb.AttributeInts)))
		for i := range axes {
			axes[i] = int64(i)
		}
		in = append(in, s.add(p.vector(axes...)))
	}
	s.add(o.fed(in...).with(nowInputs[o.name]))
	return s.nodes
}

// attributeValue makes a constant of an attribute: int64s, or a float32.
func (p *program) attributeValue(a []byte) op {
	if ints := pb.Ints(a, pb.AttributeInts); ints != nil {
		return p.vector(ints...)
	}
	if ints := pb.Ints(a, pb.AttributeInt); ints != nil {
		return p.vector(ints[len(ints)-1])
	}
	value := float32(0)
	pb.Each(a, func(n protowire.Number, whole, _ []byte) {
		if _, t, tag := protowire.ConsumeTag(whole); n == pb.AttributeFloat && t == protowire.Fixed32Type {
			value = math.Float32frombits(binary.LittleEndian.Uint32(whole[tag:]))
		}
	})
	return p.tensor(tensor.Float32, nil, binary.LittleEndian.AppendUint32(nil, math.Float32bits(value)))
}
