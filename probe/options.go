package probe

import (
	"time"

	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/pooling"
)

// Options say what to measure and on what. Only Ref must be set: zero values are the command line's defaults. Fields that
// are plain values marshal as JSON: that is how they reach a child process.
type Options struct {
	// Ref is a folder, an .onnx file or a Hugging Face cache name (see models/source).
	Ref string
	// ONNXFile names one of several .onnx files, relative to the model's folder.
	ONNXFile string
	// Safetensors builds the graph from model.safetensors even where the folder has an .onnx file.
	Safetensors bool
	// Tokenizer is a tokenizer.json to use in place of the model's own.
	Tokenizer string
	// Pooling is how to pool token states, whatever the files say: a mode of models/pooling. "" is as they say.
	Pooling pooling.Mode

	Device engine.Device
	// Backend is auto, onnxruntime or go; "" is auto.
	Backend string
	// Library is the ONNX Runtime shared library to use; "" searches for one (models/ort/library).
	Library string
	// Threads of one operator; 0 is the usable cores.
	Threads int

	// LengthBudget bounds the CPU time that finding the longest text may take, as estimated from short ones; 0 is
	// DefaultLengthBudget, Unbounded no bound.
	LengthBudget time.Duration
	// Quick leaves out all that takes more than some 40 runs of short texts: triplets, prompts, cost by length.
	Quick bool
	// Budget bounds the CPU time that the triplets may take, as estimated from short texts, and that of each other measurement
	// which Quick leaves out; 0 is DefaultBudget, Unbounded no bound.
	Budget time.Duration

	// Kinds are kinds of model that are tried before those that are built in.
	Kinds []models.Kind `json:"-"`

	// Engine runs the graph in place of the engines that probe chooses from; Backend and Library are not looked at then.
	// It is closed with the model. Nil chooses.
	Engine engine.Engine `json:"-"`

	// Getenv reads the environment; nil is os.Getenv.
	Getenv func(string) string `json:"-"`
	// Now is the clock; nil is time.Now.
	Now func() time.Time `json:"-"`
	// CPUTime is the CPU time that this process has used so far; nil asks the system. Budgets are counted in it, so that what
	// is measured does not depend on how busy the machine is. For a model that runs elsewhere, budgets are counted by Now.
	CPUTime func() time.Duration `json:"-"`
	// TempDir is where the engine's profile is written while it runs; "" is the system's own.
	TempDir string
	// Progress is told what begins: "load", "run", ... It may be nil, and is called from one goroutine at a time.
	Progress func(step string) `json:"-"`
	// Partial is shown the report each time that something was learned, for callers that want to know it where the process
	// ends before Measure returns (probe/isolate). It may read the report until it returns, and nothing else. It may be nil.
	Partial func(*Report) `json:"-"`
	// Log is told details for `probe -v`; nil drops them.
	Log func(format string, args ...any) `json:"-"`
}

// Unbounded is a budget without a bound.
const Unbounded time.Duration = -1

// budgets are the two budgets as the battery takes them: 0 is no bound.
func (o *Options) budgets() (length, others time.Duration) {
	of := func(given, usual time.Duration) time.Duration {
		if given == 0 {
			return usual
		}
		return max(given, 0)
	}
	return of(o.LengthBudget, DefaultLengthBudget), of(o.Budget, DefaultBudget)
}

func (o *Options) step(name string) {
	if o.Progress != nil {
		o.Progress(name)
	}
	o.logf("%s", name)
}

func (o *Options) logf(format string, args ...any) {
	if o.Log != nil {
		o.Log(format, args...)
	}
}

func (o *Options) now() time.Time {
	if o.Now != nil {
		return o.Now()
	}
	return time.Now()
}

// work is the clock that budgets for a model are counted on.
func (o *Options) work(m models.Model) func() time.Duration {
	began := o.now()
	wall := func() time.Duration { return o.now().Sub(began) }
	if _, here := models.As[models.Provider](m); !here {
		return wall
	}
	if o.CPUTime != nil {
		return o.CPUTime
	}
	if _, ok := processTime(); !ok {
		return wall
	}
	return func() time.Duration { t, _ := processTime(); return t }
}
