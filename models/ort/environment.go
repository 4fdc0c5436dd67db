//go:build cgo

package ort

import (
	"os"
	"path/filepath"
	"sync"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/divinedevops/probe/models/engine"
)

// Built reports whether this build can load ONNX Runtime: cgo was on.
const Built = true

// loaded is the one library of this process. ONNX Runtime's environment is global, and dlclose of a library whose
// threads may still run is not safe, so it stays until the process ends.
var loaded struct {
	sync.Mutex
	path string // "" until a library was loaded
}

func loadedPath() string {
	loaded.Lock()
	defer loaded.Unlock()
	return loaded.path
}

// ortEngine is the engine over the loaded library.
type ortEngine struct {
	version string
	// profileCPU records sessions on the CPU too, so that a test without a GPU sees the record.
	profileCPU bool
}

// Open loads the shared library at libPath and returns the engine over it. The first call decides for the process:
// opening the same file again returns the same library, another one is an error. Errors are *failure.Error of
// KindRuntimeUnavailable.
//
// ONNX Runtime's own telemetry (on by default in official builds from 1.32) is turned off before the library is loaded
// and again after.
func Open(libPath string) (engine.Engine, error) {
	if libPath == "" {
		return nil, unavailable("expected the path of an ONNX Runtime library, found none")
	}
	real, err := filepath.EvalSymlinks(libPath)
	if err != nil {
		return nil, unavailable("cannot load ONNX Runtime: %w", err)
	}
	if real, err = filepath.Abs(real); err != nil {
		return nil, unavailable("cannot load ONNX Runtime: %w", err)
	}
	loaded.Lock()
	defer loaded.Unlock()
	switch {
	case loaded.path == real:
		return ortEngine{version: onnx.GetVersion()}, nil
	case loaded.path != "":
		return nil, unavailable("only one ONNX Runtime per process: %s is already loaded, cannot load %s", loaded.path, real)
	}
	if err := load(real); err != nil {
		return nil, err
	}
	loaded.path = real
	return ortEngine{version: onnx.GetVersion()}, nil
}

func load(path string) error {
	if err := checkVersion(path); err != nil {
		return err
	}
	if err := os.Setenv("ORT_DISABLE_TELEMETRY", "1"); err != nil {
		return unavailable("cannot turn ONNX Runtime's telemetry off: %w", err)
	}
	onnx.SetSharedLibraryPath(path)
	// Fatal: what ONNX Runtime has to say comes back as errors; its own log would land in the report's stream.
	if err := onnx.InitializeEnvironment(onnx.WithLogLevelFatal()); err != nil {
		return unavailable("%s is not a usable ONNX Runtime library: %w", path, err)
	}
	if err := onnx.DisableTelemetry(); err != nil {
		return unavailable("cannot turn ONNX Runtime's telemetry off: %w", err)
	}
	return nil
}

func (ortEngine) Name() string      { return Name }
func (l ortEngine) Version() string { return l.version }

// Close does nothing: the library stays loaded until the process ends (see loaded).
func (ortEngine) Close() error { return nil }
