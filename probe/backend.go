package probe

import (
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/models/ort/library"
)

// Backend is the engine that runs the model, and how it was chosen.
type Backend struct {
	Engine engine.Engine
	// Library is the search for ONNX Runtime's library; empty where none was made.
	Library library.Found
	// Warnings are for the report: why pure Go runs where ONNX Runtime would be faster.
	Warnings []string
}

// chooseBackend opens the engine that the options ask for. With auto it is ONNX Runtime where a usable library is found,
// else pure Go, which needs none. A GPU goes through ONNX Runtime only. A model that runs on no engine is pure Go's.
func chooseBackend(o Options, getenv func(string) string, needed bool) (*Backend, error) {
	if o.Engine != nil {
		return &Backend{Engine: o.Engine}, nil
	}
	if o.Backend == "go" || !needed {
		if o.Device.Kind == "cuda" {
			return nil, failure.Errorf(failure.StageLoad, failure.KindDeviceUnavailable,
				"--device %s needs a graph that ONNX Runtime runs with CUDA; pure Go runs on the CPU only", o.Device)
		}
		return &Backend{Engine: gomlx.New()}, nil
	}
	strict := o.Backend == "onnxruntime" || o.Library != "" || o.Device.Kind == "cuda"
	b := &Backend{}
	err := b.openRuntime(o, getenv)
	if err == nil {
		return b, nil
	}
	if strict {
		return nil, err
	}
	b.Warnings = append(b.Warnings, "running in pure Go, which is slower: "+err.Error())
	b.Engine = gomlx.New()
	return b, nil
}

func (b *Backend) openRuntime(o Options, getenv func(string) string) error {
	if !ort.Built {
		return failure.Errorf(failure.StageLoad, failure.KindRuntimeUnavailable,
			"this probe was built without cgo and cannot load ONNX Runtime: take a build with cgo, or --backend go")
	}
	search := library.DefaultSearch(o.Library)
	search.Getenv, search.WantCUDA = getenv, o.Device.Kind == "cuda"
	if cache, err := library.CacheDir(getenv); err == nil {
		search.Cache = cache
	}
	found, err := library.Find(search)
	b.Library = found
	if err != nil {
		return err
	}
	b.Engine, err = ort.Open(found.Path)
	return err
}
