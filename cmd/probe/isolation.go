package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/probe/isolate"
)

// isolation holds the flags of how a model is held apart from this process.
type isolation struct {
	inProcess bool
	memory    memoryLimit
	timeout   time.Duration
	flags     *pflag.FlagSet
}

func (i *isolation) register(f *pflag.FlagSet) {
	f.BoolVar(&i.inProcess, "in-process", false, "run the model in this process: a crash of native code then ends probe itself")
	f.Var(&i.memory, "memory-limit", "end the model's process at this `SIZE`, such as 4GB or 512MiB (none: no limit;\n"+
		"auto: 90 % of what is available)")
	f.DurationVar(&i.timeout, "timeout", 5*time.Minute, "give up after this `DURATION`, such as 30s (0: never)")
	i.flags = f
}

// check refuses what cannot be held to.
func (i *isolation) check() error {
	if i.timeout < 0 {
		return exitcode.Errorf(exitcode.Usage, "--timeout: expected a positive duration, found %s", i.timeout)
	}
	if i.inProcess && i.flags.Changed("memory-limit") {
		return exitcode.Errorf(exitcode.Usage, "expected --in-process or --memory-limit, found both: the limit holds a process of its own")
	}
	return nil
}

// limit is ctx with --timeout.
func (i *isolation) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if i.timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, i.timeout)
}

// options are isolate's; log takes what native code prints, nil drops it.
func (i *isolation) options(log func(format string, args ...any)) isolate.Options {
	o := isolate.Options{MemoryLimit: int64(i.memory)}
	if log != nil {
		o.Output = func(line string) { log("printed: %s", line) }
	}
	return o
}

// measure runs the probe in a child process, or here.
func (i *isolation) measure(ctx context.Context, env *environment, o probe.Options) *probe.Report {
	ctx, cancel := i.limit(ctx)
	defer cancel()
	if i.inProcess || !env.isolated {
		return probe.Measure(ctx, o)
	}
	return isolate.Measure(ctx, o, i.options(o.Log))
}

// runTask runs a task in a child process, or here.
func runTask[Q any](ctx context.Context, env *environment, i *isolation, t isolate.Task[Q], q Q, f isolate.Follow) error {
	ctx, cancel := i.limit(ctx)
	defer cancel()
	if i.inProcess || !env.isolated {
		return t.RunHere(ctx, q, f)
	}
	var log func(format string, args ...any)
	if f.Log != nil {
		log = func(format string, args ...any) { f.Log(fmt.Sprintf(format, args...)) }
	}
	return t.Run(ctx, q, f, i.options(log))
}

// memoryLimit is the value of --memory-limit as isolate.Options has it: bytes, 0 for auto, -1 for none.
type memoryLimit int64

// Type is what pflag calls the value.
func (m *memoryLimit) Type() string { return "size" }

func (m *memoryLimit) String() string {
	switch *m {
	case 0:
		return "auto"
	case -1:
		return "none"
	}
	return strconv.FormatInt(int64(*m), 10)
}

// memoryUnits are decimal and binary (IEC 80000-13); a number without one is bytes.
var memoryUnits = map[string]float64{
	"": 1, "B": 1, "K": 1e3, "KB": 1e3, "M": 1e6, "MB": 1e6, "G": 1e9, "GB": 1e9, "T": 1e12, "TB": 1e12,
	"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
}

// Set reads a size, auto or none.
func (m *memoryLimit) Set(s string) error {
	switch s {
	case "auto":
		*m = 0
		return nil
	case "none":
		*m = -1
		return nil
	}
	digits := strings.TrimRight(s, "BKMGTIbkmgti ")
	unit, known := memoryUnits[strings.ToUpper(strings.TrimSpace(s[len(digits):]))]
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || !known || !(n*unit >= 1) || n*unit >= math.MaxInt64 {
		return fmt.Errorf("expected a size such as 4GB or 512MiB, auto or none, found %q", s)
	}
	*m = memoryLimit(n * unit)
	return nil
}
