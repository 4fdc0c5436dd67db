// Package ort is the engine on ONNX Runtime's own shared library, loaded at run time by dlopen through
// github.com/yalue/onnxruntime_go.
//
// It needs cgo. A build without cgo has the same API: Built is false and Open says so, which lets the callers fall
// back to the pure Go engine (models/gomlx) without build tags of their own.
//
// Names, types and shapes of inputs and outputs are taken from engine.Graph, never from the library, which would build
// a second session to return them. Every output of engine.Graph.Outputs is computed by each Run, so a caller that needs
// only some of them opens the graph with only those.
package ort

import (
	"github.com/divinedevops/probe/models/failure"
)

// Name is what Engine.Name returns.
const Name = "onnxruntime"

func unavailable(format string, args ...any) *failure.Error {
	return failure.Errorf(failure.StageLoad, failure.KindRuntimeUnavailable, format, args...)
}
