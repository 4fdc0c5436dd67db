package isolate_test

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/divinedevops/probe/internal/fault"
	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/probe/isolate"
)

// memoryLimit is more than a probe of the zoo's models takes and little enough to be reached soon.
const memoryLimit = 400 << 20

// faultCase is a fault with what the report must make of it. A hang is a fault that only the time limit ends.
type faultCase struct {
	name    string
	kind    failure.Kind
	message string
	hang    bool
}

var faultCases = []faultCase{
	{name: "segfault", kind: failure.KindCrash, message: "SIGSEGV"},
	{name: "segfault-default", kind: failure.KindCrash, message: "SIGSEGV"},
	{name: "abort", kind: failure.KindCrash, message: "SIGABRT"},
	{name: "bus", kind: failure.KindCrash, message: "SIGBUS"},
	{name: "bus-mapped", kind: failure.KindCrash, message: "SIGBUS"},
	{name: "overflow", kind: failure.KindCrash, message: "stack overflow"},
	{name: "illegal", kind: failure.KindCrash, message: "SIGILL"},
	{name: "killed", kind: failure.KindCrash, message: "SIGKILL"},
	{name: "bad-alloc", kind: failure.KindOutOfMemory, message: "bad_alloc"},
	{name: "memory", kind: failure.KindOutOfMemory, message: "may hold at most"},
	{name: "hang", kind: failure.KindTimeout, message: "timed out", hang: true},
	{name: "spin", kind: failure.KindTimeout, message: "timed out", hang: true},
	{name: "stop", kind: failure.KindTimeout, message: "was killed", hang: true},
	{name: "exit", kind: failure.KindCrash, message: "exited with 0"},
	{name: "exit-7", kind: failure.KindCrash, message: "exited with 7"},
	{name: "panic", kind: failure.KindCrash, message: "a fault in a goroutine of the engine"},
	{name: "pipe", kind: failure.KindCrash, message: "not a message of probe"},
	{name: "pipe-huge", kind: failure.KindCrash, message: "claims 4294967295 bytes"},
	{name: "pipe-short", kind: failure.KindCrash, message: "exited with 0"},
	{name: "pipe-forged", kind: failure.KindCrash, message: "another document"},
	{name: "orphan", kind: failure.KindCrash, message: "exited with 0"},
}

// measureFaulty probes a small model with an engine that goes wrong.
func measureFaulty(t *testing.T, c faultCase, at string) *probe.Report {
	t.Helper()
	limit := 2 * time.Minute
	if c.hang {
		limit = 400 * time.Millisecond
		if at != fault.AtOpen {
			limit = 10 * time.Second // to get there on a busy machine
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	temp := t.TempDir()
	o, i := faulty(c.name, at, probe.Options{Ref: testenv.Zoo("bert-mean-l2"), Safetensors: true, TempDir: temp},
		isolate.Options{MemoryLimit: memoryLimit})
	r := isolate.Measure(ctx, o, i)
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind in the folder for temporary files: %v, %v", left, err)
	}
	return r
}

// stages are the moments with the stage of a failure then and what is known by then.
var stages = map[string]struct {
	stage failure.Stage
	at    string
	known func(r *probe.Report) bool
}{
	fault.AtOpen: {failure.StageLoad, "load", func(r *probe.Report) bool {
		return r.Model.File == "model.safetensors" && *r.Declared.EmbeddingDimension == 32 &&
			!*r.Measured.LoadSuccess && !*r.Measured.InferenceSuccess && *r.Environment.Backend == "go" && r.Dimension == nil
	}},
	fault.AtRun: {failure.StageInference, "run", func(r *probe.Report) bool {
		return *r.Measured.LoadSuccess && !*r.Measured.InferenceSuccess && *r.Measured.DType == "float32" &&
			r.Dimension == nil && r.Timings.Load != nil
	}},
	fault.AtLong: {failure.StageInference, "length", func(r *probe.Report) bool {
		return *r.Measured.LoadSuccess && !*r.Measured.InferenceSuccess && *r.Dimension == 32 &&
			*r.Normalization == "l2" && *r.Measured.Pooling == "mean" && r.Measured.MaxSequenceLength == nil
	}},
}

// TestEveryFault makes the engine go wrong in every way at every moment.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	for at, want := range stages {
		for _, c := range faultCases {
			if c.hang && at != fault.AtOpen && c.name != "stop" {
				continue // waiting takes as long as the limit, and one hang while running shows what there is to show
			}
			t.Run(c.name+"/"+at, func(t *testing.T) {
				t.Parallel()
				r := measureFaulty(t, c, at)
				doc := valid(t, r)
				if r.Error == nil || r.Error.Kind != c.kind || r.Error.Stage != want.stage ||
					!strings.Contains(r.Error.Message, c.message) || !strings.Contains(r.Error.Message, want.at) {
					t.Fatalf("expected %s at %s with %q, found %+v", c.kind, want.stage, c.message, r.Error)
				}
				if !want.known(r) {
					t.Errorf("the report lacks what was known by then:\n%s", doc)
				}
				if !r.Environment.Isolated {
					t.Error("the report does not say that the probe was isolated")
				}
			})
		}
	}
}

// TestPeakOfTheChild: the memory of a child that took too much is in its report, and that of the parent is not.
func TestPeakOfTheChild(t *testing.T) {
	t.Parallel()
	r := measureFaulty(t, faultCase{name: "memory"}, fault.AtOpen)
	if peak := r.Memory.PeakRSS; peak == nil || *peak < memoryLimit/2 || *peak > 4*memoryLimit {
		t.Errorf("a child that was stopped at %d bytes has a peak of %v", memoryLimit, peak)
	}
}

// runsVariable is how many times each fault of TestNeverTakesTheParentDown happens; 20 where it is not set.
const runsVariable = "PROBE_ISOLATE_RUNS"

// TestNeverTakesTheParentDown repeats the faults that issues are made of.
func TestNeverTakesTheParentDown(t *testing.T) {
	t.Parallel()
	runs := 20
	if s := os.Getenv(runsVariable); s != "" {
		var err error
		if runs, err = strconv.Atoi(s); err != nil || runs < 1 {
			t.Fatalf("%s: expected a number of runs, found %q", runsVariable, s)
		}
	}
	for _, c := range faultCases {
		switch c.name {
		case "segfault", "memory", "hang", "pipe", "exit":
		default:
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			right := 0
			for range runs {
				r := measureFaulty(t, c, fault.AtOpen)
				valid(t, r)
				if r.Error != nil && r.Error.Kind == c.kind && r.Error.Stage == failure.StageLoad && stages[fault.AtOpen].known(r) {
					right++
				} else {
					t.Errorf("%+v", r.Error)
				}
			}
			t.Logf("%d of %d runs gave a valid report of kind %s", right, runs, c.kind)
		})
	}
}

// TestPrinting: what native code prints reaches Output, bounded and printable, and nothing else; the probe goes on.
func TestPrinting(t *testing.T) {
	t.Parallel()
	var printed bytes.Buffer
	lines := 0
	o, i := faulty("print", fault.AtOpen, probe.Options{Ref: testenv.Zoo("bert-mean-l2"), Safetensors: true},
		isolate.Options{Output: func(line string) {
			lines++
			printed.WriteString(line + "\n")
		}})
	r := isolate.Measure(t.Context(), o, i)
	valid(t, r)
	if r.Error != nil || *r.Dimension != 32 {
		t.Fatalf("%+v", r.Error)
	}
	if lines == 0 || lines > 2000 || printed.Len() > 16<<20 {
		t.Errorf("%d lines, %d bytes", lines, printed.Len())
	}
	for _, c := range printed.String() {
		if c < ' ' && c != '\n' || c == 0x7f {
			t.Fatalf("the control character %q was let through", c)
		}
	}
}

// TestCloseCrash: a crash when all was measured is still one, and says when it happened.
func TestCloseCrash(t *testing.T) {
	t.Parallel()
	r := measureFaulty(t, faultCase{name: "segfault"}, fault.AtClose)
	valid(t, r)
	if r.Error == nil || r.Error.Kind != failure.KindCrash || !strings.Contains(r.Error.Message, "close") || *r.Dimension != 32 ||
		r.Measured.MaxSequenceLength == nil {
		t.Errorf("%+v, %+v", r.Error, r.Measured)
	}
}

// TestCancelled: the caller's cancellation reaches the child, also one that does not listen.
func TestCancelled(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"hang", "stop"} {
		ctx, cancel := context.WithCancel(t.Context())
		o, i := faulty(name, fault.AtOpen, probe.Options{Ref: testenv.Zoo("bert-mean-l2"), Safetensors: true}, isolate.Options{})
		o.Progress = func(step string) {
			if step == "load" {
				cancel()
			}
		}
		r := isolate.Measure(ctx, o, i)
		valid(t, r)
		if r.Error == nil || r.Error.Kind != failure.KindTimeout {
			t.Errorf("%s: %+v", name, r.Error)
		}
	}
}
