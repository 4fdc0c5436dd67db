//go:build !cgo

package ort

import (
	"github.com/divinedevops/probe/models/engine"
)

// Built reports whether this build can load ONNX Runtime: cgo was on.
const Built = false

// Open says that this build has no cgo, as an *failure.Error of KindRuntimeUnavailable.
func Open(string) (engine.Engine, error) {
	return nil, unavailable("this build of probe has no cgo, which ONNX Runtime needs: use --backend go, " +
		"or a probe built with CGO_ENABLED=1")
}
