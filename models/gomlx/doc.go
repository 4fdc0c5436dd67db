// Package gomlx is the engine in pure Go: hugot's GoMLX backend (github.com/knights-analytics/hugot/backends), which
// converts an ONNX graph with onnx-gomlx and runs it with GoMLX. It needs no library and is always available.
//
// hugot opens a model folder: an .onnx file and its external data next to it. Open makes such a folder for every graph, of
// links to the files that hold the weights and a copy of the graph without them (see skeleton), which is gone again when
// Open returns. So the weights are read once, into the tensors that run, wherever they lie.
//
// GoMLX compiles the graph anew for every new set of input shapes, which costs more than running it on a short text (see
// docs/engines.md): callers gather texts into few shapes.
package gomlx

// Name is what Engine.Name returns, and the Name of its execution provider.
const Name = "go"

// Version is the GoMLX release that runs the graph.
const Version = "0.28.2"
