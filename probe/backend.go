package probe

import (
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/models/ort/library"
	"github.com/divinedevops/probe/vocabulary"
)

// Backend is the engine that runs the model, and how it was chosen.
type Backend struct {
	Engine engine.Engine
	// Library is the search for ONNX Runtime's library; empty if there was none.
	Library library.Found
	// Warnings are for the report: why pure Go runs although ONNX Runtime would be faster.
	Warnings []string
}

// ParseDevice reads what to run on, as Options.Device has it: auto, cpu, gpu, or the word of an execution provider with the
// number of its device (cuda:1). The error lists what is known.
func ParseDevice(text string) (engine.Device, error) { return ort.ParseDevice(text) }

// DeviceUsages are the devices that ParseDevice reads, as they are typed: cuda[:N].
func DeviceUsages() []string { return ort.DeviceUsages() }

// chooseBackend opens the engine that the options ask for. With auto it is ONNX Runtime if a usable library is found,
// otherwise pure Go, which needs none. A GPU needs ONNX Runtime. A model that runs on no engine is pure Go's.
func chooseBackend(o Options, getenv func(string) string, needed bool) (*Backend, error) {
	if o.Engine != nil {
		return &Backend{Engine: o.Engine}, nil
	}
	if o.Backend == vocabulary.BackendGo || !needed {
		if !o.Device.AllowsCPU() {
			return nil, failure.Errorf(failure.StageLoad, failure.KindDeviceUnavailable,
				"%s is not available: it needs a graph that ONNX Runtime runs, and pure Go runs on the CPU only", o.Device).
				With(vocabulary.RemedyONNXRuntime, vocabulary.RemedyOtherDevice)
		}
		return &Backend{Engine: gomlx.New()}, nil
	}
	strict := o.Backend == vocabulary.BackendONNXRuntime || o.Library != "" || !o.Device.AllowsCPU()
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
		_, err := ort.Open("") // says why
		return err
	}
	search := library.DefaultSearch(o.Library)
	search.Getenv, search.Provider = getenv, ort.ProviderLibrary(o.Device, search.OS)
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
