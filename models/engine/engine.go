// Package engine is the small interface between what probe measures and what runs a graph.
//
// An engine opens an ONNX graph (a file, or bytes made in memory over external weights) and runs it on named tensors.
// Everything above it - tokens, pooling, measurement - is engine-free; ONNX Runtime (models/ort) and pure Go
// (models/gomlx) stand below it.
package engine

import (
	"context"
	"fmt"

	"github.com/divinedevops/probe/models/tensor"
)

// Device is what the caller asks to run on.
type Device struct {
	// Kind is "auto", "cpu" or "cuda". "auto" lets the engine choose; it never fails for want of a GPU.
	Kind string
	// Index is the CUDA device number, 0 where Kind is not "cuda".
	Index int
}

// String gives the device as the command line spells it: auto, cpu, cuda:0.
func (d Device) String() string {
	if d.Kind == "cuda" {
		return fmt.Sprintf("cuda:%d", d.Index)
	}
	if d.Kind == "" {
		return "auto"
	}
	return d.Kind
}

// Graph is what an engine opens: exactly one of Path and Bytes is set.
type Graph struct {
	// Path is an .onnx file. Its external data, if any, was checked to lie inside the file's folder.
	Path string
	// Bytes is a serialized ONNX ModelProto whose external data, if any, lie in DataDir.
	Bytes []byte
	// DataDir is the folder that the external data locations of Bytes are relative to. Links are already resolved.
	DataDir string
	// Inputs and Outputs are what the ONNX protobuf head declares, in the graph's order. Engines take names, types and
	// shapes from here, for asking the native library for them costs a second session.
	Inputs, Outputs []tensor.Info
}

// Options choose how a session is made.
type Options struct {
	Device  Device
	Threads int // intra-op threads; 0 lets the engine decide (the usable cores)
	// Profile asks for the record of which execution provider ran each node. It costs a little; Session.Provider needs it.
	Profile bool
	// TempDir is where an engine may put files while it works (the profile); "" is the system's own.
	TempDir string
}

// Engine opens graphs. Implementations are safe for concurrent use.
type Engine interface {
	// Name is "onnxruntime" or "go".
	Name() string
	// Version is the version of the library that runs the graph, such as "1.31.1".
	Version() string
	// Open makes a session. Errors are *failure.Error with Stage "load".
	Open(ctx context.Context, g Graph, o Options) (Session, error)
	// Close frees the library's own resources; sessions are closed before.
	Close() error
}

// Session is one opened graph. It is not safe for concurrent use.
type Session interface {
	Inputs() []tensor.Info
	Outputs() []tensor.Info
	// Run feeds every input by name and returns the outputs asked for, in that order. The returned tensors are the
	// caller's own. Errors are *failure.Error with Stage "inference". Where ctx ends first, Run returns ctx.Err() wrapped in an
	// *failure.Error of KindTimeout; the session may then only be closed.
	Run(ctx context.Context, inputs []tensor.Named, outputs []string) ([]tensor.Tensor, error)
	// Provider says which execution providers really ran the nodes of the runs so far. It ends profiling, so it is
	// called once, after the last run; a nil count map means that the engine has just the one provider it names.
	Provider() (Provider, error)
	// Close frees the session. It is safe to call twice.
	Close() error
}

// Provider is what ran the nodes, as the engine's own record shows it.
type Provider struct {
	// Name is the provider that ran most nodes: CPUExecutionProvider, CUDAExecutionProvider, or "go" for pure Go.
	Name string
	// Nodes counts executed nodes by provider; nil where the engine has no such record.
	Nodes map[string]int
}
