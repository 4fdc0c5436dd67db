//go:build !cgo

package ort

import (
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/vocabulary"
)

// Built reports whether this build can load ONNX Runtime: cgo was on.
const Built = false

// Open returns a *failure.Error of KindRuntimeUnavailable: this build has no cgo.
func Open(string) (engine.Engine, error) {
	return nil, unavailable("this build has no cgo, which ONNX Runtime needs: take one built with CGO_ENABLED=1").
		With(vocabulary.RemedyPureGo)
}
