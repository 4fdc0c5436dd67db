// Package engine is the small interface between what probe measures and what runs a graph.
//
// An engine opens an ONNX graph (a file, or bytes made in memory over external weights) and runs it on named tensors.
// Everything above it - tokens, pooling, measurement - is engine-free; ONNX Runtime (models/ort) and pure Go
// (models/gomlx) stand below it.
package engine

import (
	"context"

	"github.com/divinedevops/probe/models/tensor"
)

// Graph is what an engine opens: exactly one of Path and Bytes is set.
type Graph struct {
	// Path is an .onnx file. Its external data, if any, was checked to lie inside the file's folder.
	Path string
	// Bytes is a serialized ONNX ModelProto whose external data, if any, lie in DataDir.
	Bytes []byte
	// DataDir is the folder that the external data locations of Bytes are relative to. Links are already resolved.
	DataDir string
	// Inputs and Outputs are what the ONNX protobuf head declares, in the graph's order. Engines take names, types and
	// shapes from here, because asking the native library for them costs a second session.
	Inputs, Outputs []tensor.Info
	// Caches are the user's Hugging Face caches, which links of the external data may lead into.
	Caches []string
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
	// caller's own. Errors are *failure.Error with Stage "inference". If ctx ends first, Run returns ctx.Err() wrapped in
	// an *failure.Error of KindTimeout; after that the session can only be closed.
	Run(ctx context.Context, inputs []tensor.Named, outputs []string) ([]tensor.Tensor, error)
	// Provider reports which execution providers really ran the nodes of the runs so far. It ends profiling, so it is
	// called once, after the last run; a nil count map means that the engine has only the one provider it names.
	Provider() (Provider, error)
	// Close frees the session. It is safe to call twice.
	Close() error
}

// Provider is what ran the nodes, as the engine's own record shows it.
type Provider struct {
	// Name is the provider that ran most nodes, as ONNX Runtime spells it (CPUExecutionProvider), or "go" for pure Go.
	Name string
	// DeviceType is the kind of device that provider stands for, one of vocabulary.DeviceTypes; "" is the CPU.
	DeviceType string
	// Nodes counts executed nodes by provider; nil if the engine keeps no such record.
	Nodes map[string]int
}
