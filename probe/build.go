package probe

import (
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/ort"
)

// Build is what this build of the program can do.
type Build struct {
	// ONNXRuntime reports whether ONNX Runtime's library can be loaded: the build had cgo.
	ONNXRuntime bool
	// SIMD reports whether the pure Go engine has vector kernels (GOEXPERIMENT=simd): without them it is 4 to 5 times slower.
	SIMD bool
}

// ThisBuild describes the running program.
func ThisBuild() Build { return Build{ONNXRuntime: ort.Built, SIMD: gomlx.SIMD()} }
