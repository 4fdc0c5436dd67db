package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/render"
	"github.com/divinedevops/probe/vocabulary"
)

// measuring holds the flags that every measuring command shares (CONTRACT: Commands).
type measuring struct {
	model        string
	onnxFile     string
	safetensors  bool
	tokenizer    string
	pooling      string
	device       string
	backend      string
	libraryPath  string
	threads      int
	lengthBudget time.Duration
	budget       time.Duration
	quick        bool
	format       string
	json         bool
	output       string
	noTelemetry  bool
	quiet        bool
	verbose      bool
	hold         isolation
}

func (m *measuring) register(f *pflag.FlagSet) {
	f.StringVar(&m.model, "model", "", "the `REF` of the model: a folder, an .onnx file, or a Hugging Face cache name (org/name)")
	f.StringVar(&m.onnxFile, "onnx-file", "", "of several .onnx files in the folder, the `NAME` of the one to open")
	f.BoolVar(&m.safetensors, "safetensors", false, "build the graph from model.safetensors even if there is an .onnx file")
	f.StringVar(&m.tokenizer, "tokenizer", "", "a tokenizer.json `FILE` to use in place of the model's own")
	f.StringVar(&m.pooling, "pooling", "", "pool token states by this `MODE` whatever the files say: "+choice(poolingModes()))
	f.StringVar(&m.device, "device", "auto", choice(probe.DeviceUsages()))
	f.StringVar(&m.backend, "backend", "auto", "auto, onnxruntime or go (pure Go, needs no library)")
	f.StringVar(&m.libraryPath, "onnxruntime-lib", "", "`PATH` of the ONNX Runtime shared library")
	f.IntVar(&m.threads, "threads", 0, "threads of one operator (0: the usable cores)")
	f.BoolVar(&m.quiet, "quiet", false, "no progress, no warnings on stderr")
	f.BoolVarP(&m.verbose, "verbose", "v", false, "say on stderr what is done")
	f.StringVar(&m.output, "output", "", "write to `FILE` instead of stdout")
	m.hold.register(f)
}

// registerReport adds the flags of commands that print a report.
func (m *measuring) registerReport(f *pflag.FlagSet) {
	f.DurationVar(&m.lengthBudget, "length-budget", probe.DefaultLengthBudget,
		"leave the longest text unmeasured if it would take more CPU time than this `DURATION` (0: never)")
	f.BoolVar(&m.quick, "quick", false, "the first facts only: no triplets, prompts or cost by length")
	f.DurationVar(&m.budget, "budget", probe.DefaultBudget,
		"run as many triplets as fit into this `DURATION` of CPU time, likewise prompts and cost by length (0: all)")
	f.StringVar(&m.format, "format", "text", grammar.Or(render.Formats()))
	f.BoolVar(&m.json, "json", false, "the same as --format json")
	f.BoolVar(&m.noTelemetry, "no-telemetry", false, "record no event of this run")
}

// check refuses values that no model could make right; errors are of usage.
func (m *measuring) check() error {
	if err := checkModel(m.model, "a folder, an .onnx file or org/name"); err != nil {
		return err
	}
	if err := m.hold.check(); err != nil {
		return err
	}
	if m.json {
		m.format = "json"
	}
	if formats := render.Formats(); m.format != "" && !slices.Contains(formats, m.format) {
		return exitcode.Errorf(exitcode.Usage, "--format: expected %s, found %q", grammar.Or(formats), m.format)
	}
	if m.safetensors && m.onnxFile != "" {
		return exitcode.Errorf(exitcode.Usage, "expected --safetensors or --onnx-file, found both")
	}
	switch m.backend {
	case "auto", vocabulary.BackendONNXRuntime, vocabulary.BackendGo:
	default:
		return exitcode.Errorf(exitcode.Usage, "--backend: expected auto, onnxruntime or go, found %q", m.backend)
	}
	if modes := poolingModes(); m.pooling != "" && !slices.Contains(modes, m.pooling) {
		return exitcode.Errorf(exitcode.Usage, "--pooling: expected %s, found %q", choice(modes), m.pooling)
	}
	if m.threads < 0 || m.threads > 1024 {
		return exitcode.Errorf(exitcode.Usage, "--threads: expected 0 to 1024, found %d", m.threads)
	}
	_, err := m.parseDevice()
	return err
}

// checkModel refuses a command line without a model; kinds are what the command takes.
func checkModel(ref, kinds string) error {
	if ref == "" {
		return exitcode.Errorf(exitcode.Usage, "--model is required: %s", kinds)
	}
	return nil
}

// parseDevice reads --device.
func (m *measuring) parseDevice() (engine.Device, error) {
	d, err := probe.ParseDevice(m.device)
	if err != nil {
		return d, exitcode.Errorf(exitcode.Usage, "--device: %w", err)
	}
	return d, nil
}

// poolingModes are the words of --pooling.
func poolingModes() []string {
	var words []string
	for _, m := range pooling.Modes() {
		words = append(words, string(m))
	}
	return words
}

// choice is "a, b or c".
func choice(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// usageError marks what pflag and cobra say of wrong flags and arguments.
func usageError(err error) error {
	return &exitcode.Error{Code: exitcode.Usage, Err: fmt.Errorf("%w (see probe --help)", err)}
}
