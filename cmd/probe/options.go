package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/probe"
)

// options are probe's for these flags; check has been called.
func (m *measuring) options(env *environment) probe.Options {
	device, err := m.parseDevice()
	if err != nil {
		device = engine.Device{} // check refused it before
	}
	o := probe.Options{
		Ref: m.model, ONNXFile: m.onnxFile, Safetensors: m.safetensors, Tokenizer: m.tokenizer, Device: device, Backend: m.backend,
		Library: m.libraryPath, Threads: m.threads, LengthBudget: bound(m.lengthBudget), Quick: m.quick,
		Budget: bound(m.budget), Pooling: pooling.Mode(m.pooling),
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

// bound is a budget's flag as the library takes it: 0 on the command line is no bound.
func bound(flag time.Duration) time.Duration { return cmp.Or(flag, probe.Unbounded) }

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
