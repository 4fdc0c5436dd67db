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
// It returns what is to be known of the nodes as well, those that it made under the names of those they stand for.
//
// Errors are *failure.Error of stage load: KindUnsupportedOp, KindTooLarge.
func rewriteGraph(model []byte) ([]byte, notes, error) {
	p := index(model)
	graph, ok := pb.Get(model, pb.ModelGraph)
	if !ok {
		return model, notes{}, nil
	}
	var out []byte
	var told notes
	changed := false
	limit := len(model) + maxGrowth
	var failed error
	pb.Each(graph, func(n protowire.Number, whole, content []byte) {
		if failed != nil {
			return
		}
		switch n {
		case pb.GraphNode:
		case pb.GraphInput:
			anonymous := withoutSymbols(content)
			changed = changed || len(anonymous) != len(content)
			out = pb.AppendBytes(out, n, anonymous)
			return
		default:
			out = append(out, whole...)
			return
		}
		was := decode(content)
		nodes, err := p.rewrite(was)
		if failed = err; err != nil {
			return
		}
		for _, o := range nodes {
			if checks, b := p.watched(o); b != nil {
				b.title = was.title()
				nodes, told.bounds = append(nodes, checks...), append(told.bounds, *b)
				break // the others look up the same
			}
		}
		for _, o := range nodes {
			told.places = append(told.places, place{was.name, was.title(), o.result()})
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
		return model, told, failed
	}
	out = append(out, declare(told.bounds)...)
	return pb.Change(model, pb.ModelGraph, func([]byte) []byte { return out }), told, nil
}

// notes are what is to be known of a graph that was rewritten.
type notes struct {
	places []place
	bounds []bound
}

// withoutSymbols takes the names of dimensions out of a graph input. GoMLX refuses sizes that differ where names do not; to
// ONNX Runtime they mean nothing, and exporters give one name to all axes by mistake.
func withoutSymbols(value []byte) []byte {
	return pb.Change(value, pb.ValueType, func(t []byte) []byte {
		return pb.Change(t, pb.ValueTensor, func(tensor []byte) []byte {
			return pb.Change(tensor, pb.TensorShape, func(shape []byte) []byte {
				return pb.Change(shape, pb.ShapeDimension, func(d []byte) []byte { return pb.Drop(d, pb.DimensionParam) })
			})
		})
	})
}

// rule returns what stands for a node: nil where it does not apply.
type rule func(p *program, o op) []op

// rules are tried in order; the first that applies is the only one. Those for halves come after, on what it gave.
var rules = map[string][]rule{
	"BatchNormalization": {inferred},
	"Clip":               {attributesToInputs},
	"DequantizeLinear":   {scalarScale, columnScale},
	"FastGelu":           {biasApart},
	"Gather":             {lookUpFirst},
	"GatherND":           {positiveIndices},
	"Gelu":               {geluByTanh},
	"MatMul":             {multiplyFirst},
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

// rewrite returns the nodes that stand for o, which may be o alone.
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
