package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/probe"
)

// options are probe's for these flags; check has been called.
func (m *measuring) options(env *environment) probe.Options {
	device, err := m.parseDevice()
	if err != nil {
		device = engine.Device{Kind: "auto"} // check refused it before
	}
	o := probe.Options{
		Ref: m.model, ONNXFile: m.onnxFile, Safetensors: m.safetensors, Tokenizer: m.tokenizer, Device: device, Backend: m.backend,
		Library: m.libraryPath, Threads: m.threads, LengthBudget: budget(m.lengthBudget), Quick: m.quick,
		Budget: budget(m.budget),
		Getenv: env.getenv, Now: env.now,
	}
	if m.verbose {
		began := env.now()
		o.Log = func(format string, args ...any) {
			fmt.Fprintf(env.stderr, "%7.3f  %s\n", env.now().Sub(began).Seconds(), printable.Line(fmt.Sprintf(format, args...)))
		}
	}
	return o
}

// budget is the value of a flag as probe.Options has it: the flag's 0 is no bound.
func budget(flag time.Duration) time.Duration { return cmp.Or(flag, probe.NoBudget) }

// progress draws what is being done on stderr, on a terminal only, and takes it away again.
type progress struct {
	env   *environment
	drawn bool
	off   bool
}

func newProgress(env *environment, off bool) *progress {
	return &progress{env: env, off: off || !env.stderrTerm}
}

func (p *progress) step(name string) {
	if p.off {
		return
	}
	p.drawn = true
	fmt.Fprintf(p.env.stderr, "\r\x1b[K%s ...", name)
}

func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.env.stderr, "\r\x1b[K")
	}
}
