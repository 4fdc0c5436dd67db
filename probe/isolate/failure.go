package isolate

import (
	"fmt"
	"strings"

	"github.com/divinedevops/probe/models/engine"
)

// failure says why there is no whole report.
func (w *watch) failure() *engine.Error {
	at := w.at
	if at == "" {
		at = "start"
	}
	if w.known != nil && w.known.Measured.InferenceSuccess != nil {
		at = "close" // all had been measured
	}
	fail := func(kind engine.Kind, format string, args ...any) *engine.Error {
		return engine.Errorf(w.stage(), kind, "%s", fmt.Sprintf(format, args...)+w.quote())
	}
	switch w.ended {
	case causeTime:
		return fail(engine.KindTimeout, "the time limit ended the probe while it was at: %s; the process that ran the model did "+
			"not answer and was killed", at)
	case causeMemory:
		return fail(engine.KindOutOfMemory, "the process that ran the model was killed while it was at: %s; expected it to hold at "+
			"most %s, found %s: give it more (--memory-limit), or take a smaller model", at, megabytes(w.limit), megabytes(w.used.held))
	case causeRubbish:
		return fail(engine.KindCrash, "the process that ran the model was killed while it was at: %s; expected its report on the "+
			"pipe, found something else, so its memory or its descriptors were overwritten (%s)", at, w.why)
	case causeFault:
		return fail(engine.KindInternal, "%s", w.why)
	}
	how, outOfMemory := w.death()
	if outOfMemory {
		return fail(engine.KindOutOfMemory, "the process that ran the model died for want of memory while it was at: %s (%s)", at, how)
	}
	return fail(engine.KindCrash, "the process that ran the model died while it was at: %s (%s)", at, how)
}

// stage is the stage of the step under way.
func (w *watch) stage() engine.Stage {
	switch {
	case w.known != nil && w.known.Measured.LoadSuccess != nil && *w.known.Measured.LoadSuccess:
		return engine.StageInference
	case w.at == "" || w.at == "resolve":
		return engine.StageResolve
	}
	return engine.StageLoad
}

// outOfMemory are the last words of programs that got no memory: C++'s, the C library's, Go's, CUDA's.
var outOfMemory = []string{"bad_alloc", "annot allocate memory", "out of memory", "OUT_OF_MEMORY"}

// death says how the child ended, and whether for want of memory.
func (w *watch) death() (how string, memory bool) {
	how, killed := exitOf(w.state)
	lines := w.output.lines()
	for _, line := range lines[max(0, len(lines)-lastWords):] {
		for _, words := range outOfMemory {
			memory = memory || strings.Contains(line, words)
		}
	}
	// Go's runtime catches the signal of a fault, prints it and exits with 2.
	for i := len(lines) - 1; i >= 0 && w.state != nil && w.state.ExitCode() == 2; i-- {
		if cut := strings.TrimPrefix(lines[i], "[signal "); strings.HasPrefix(cut, "SIG") && strings.Contains(cut, ": ") {
			name, _, _ := strings.Cut(cut, " code=")
			return name, memory
		}
	}
	if !killed {
		return how, memory
	}
	// Somebody else killed it: the system for memory, as its own count or the child's size tells, or a person.
	if oomKills() > w.oom || w.limit > 0 && w.used.held > w.limit/10*8 {
		return how, true
	}
	return how, memory
}

// lastWords is how many of the last lines are searched for the reason of a death, and quotedLines how many are quoted.
const (
	lastWords   = 40
	quotedLines = 3
	quotedWidth = 200
)

// quote is the end of what native code printed.
func (w *watch) quote() string {
	lines := w.output.lines()
	if len(lines) == 0 {
		return ""
	}
	lines = lines[max(0, len(lines)-quotedLines):]
	for i, line := range lines {
		if r := []rune(line); len(r) > quotedWidth {
			lines[i] = string(r[:quotedWidth]) + "..."
		}
	}
	return "; it printed: " + strings.Join(lines, " | ")
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+500_000)/1_000_000) }
