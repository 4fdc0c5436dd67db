package gomlx

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx/pb"
)

// maxGrowth is how many bytes longer than before a rewritten graph may be. A rule adds a few hundred bytes a node, so real
// graphs stay far below; it bounds what a hostile one with long names costs.
const maxGrowth = 64 << 20

// rewriteGraph changes the nodes of a serialized ModelProto, whose weights lie outside (onnx.Detach), that onnx-gomlx
// v0.5.2 cannot convert or converts into something else, though it has their operators. Each rule gives the same result by
// ONNX's specification, in operators that onnx-gomlx converts rightly; those that no rule helps are refused. The nodes of
// subgraphs (If) stay as they are.
//
// It gives the places of the nodes as well, those that it made under the names of those they stand for.
//
// Errors are *failure.Error of stage load: KindUnsupportedOp, KindTooLarge.
func rewriteGraph(model []byte) ([]byte, []place, error) {
	p := index(model)
	graph, ok := pb.Get(model, pb.ModelGraph)
	if !ok {
		return model, nil, nil
	}
	var out []byte
	var places []place
	changed := false
	limit := len(model) + maxGrowth
	var failed error
	pb.Each(graph, func(n protowire.Number, whole, content []byte) {
		if failed != nil {
			return
		}
		if n != pb.GraphNode {
			out = append(out, whole...)
			return
		}
		was := decode(content)
		nodes, err := p.rewrite(was)
		if failed = err; err != nil {
			return
		}
		for _, o := range nodes {
			places = append(places, place{was.name, was.title(), o.result()})
			if o.raw != nil {
				out = pb.AppendBytes(out, pb.GraphNode, o.raw)
				continue
			}
			changed = true
			out = pb.AppendBytes(out, pb.GraphNode, o.encode())
		}
		if len(out) > limit {
			failed = failure.Errorf(failure.StageLoad, failure.KindTooLarge,
				"the graph grows by more than %d bytes where it is rewritten for the pure Go engine", maxGrowth)
		}
	})
	if failed != nil || !changed {
		return model, places, failed
	}
	return pb.Change(model, pb.ModelGraph, func([]byte) []byte { return out }), places, nil
}

// rule gives what stands for a node: nil where it does not apply.
type rule func(p *program, o op) []op

// rules are tried in order; the first that applies is the only one. Those for halves come after, on what it gave.
var rules = map[string][]rule{
	"BatchNormalization": {inferred},
	"Clip":               {attributesToInputs},
	"DequantizeLinear":   {scalarScale, columnScale},
	"FastGelu":           {biasApart},
	"GatherND":           {positiveIndices},
	"Gelu":               {geluByTanh},
	"Pad":                {attributesToInputs},
	"QuantizeLinear":     {scalarScale, unsignedZero},
	"Reshape":            {allowZero},
	"RotaryEmbedding":    {standardRotary},
	"ScatterND":          {positiveIndices},
	"Shape":              {emptyShape},
	"Slice":              {attributesToInputs, backwards},
	"Softmax":            {coerced},
	"Split":              {attributesToInputs},
	"TopK":               {attributesToInputs},
}

// rewrite gives the nodes that stand for o, which may be o alone.
func (p *program) rewrite(o op) ([]op, error) {
	if err := p.refuse(o); err != nil {
		return nil, err
	}
	nodes := []op{o}
	if len(o.out) == 0 {
		return nodes, nil // nothing comes of it
	}
	for _, r := range rules[o.name] {
		if got := r(p, o); got != nil {
			nodes = got
			break
		}
	}
	return p.widen(nodes), nil
}
