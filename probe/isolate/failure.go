package isolate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/failure"
)

// failure says why there is no whole report.
func (w *watch) failure() *failure.Error {
	at := w.at
	if at == "" {
		at = "start"
	}
	if w.known != nil && w.known.Measured.InferenceSuccess != nil {
		at = "close" // all had been measured
	}
	fail := func(kind failure.Kind, format string, args ...any) *failure.Error {
		return failure.Errorf(w.stage(), kind, "%s", fmt.Sprintf(format, args...)+w.quote())
	}
	switch w.ended {
	case causeTime:
		return fail(failure.KindTimeout, "the time limit ended the probe while it was at: %s; the process that ran the model did "+
			"not answer and was killed", at)
	case causeMemory:
		return fail(failure.KindOutOfMemory, "the process that ran the model was killed while it was at: %s; expected it to hold at "+
			"most %s, found %s: give it more (--memory-limit), or take a smaller model", at, megabytes(w.limit), megabytes(w.used.held))
	case causeRubbish:
		return fail(failure.KindCrash, "the process that ran the model was killed while it was at: %s; expected its report on the "+
			"pipe, found something else, so its memory or its descriptors were overwritten (%s)", at, w.why)
	case causeFault:
		return fail(failure.KindInternal, "%s", w.why)
	}
	how, outOfMemory := w.death()
	if outOfMemory {
		return fail(failure.KindOutOfMemory, "the process that ran the model died for want of memory while it was at: %s (%s)", at, how)
	}
	return fail(failure.KindCrash, "the process that ran the model died while it was at: %s (%s)", at, how)
}

// stage is the stage of the step under way.
func (w *watch) stage() failure.Stage {
	switch {
	case w.known != nil && w.known.Measured.LoadSuccess != nil && *w.known.Measured.LoadSuccess:
		return failure.StageInference
	case w.at == "" || w.at == "resolve":
		return failure.StageResolve
	}
	return failure.StageLoad
}

// outOfMemory are the last words of programs that got no memory: C++'s, the C library's, Go's, CUDA's.
var outOfMemory = []string{"bad_alloc", "annot allocate memory", "out of memory", "OUT_OF_MEMORY"}

// death says how the child ended, and whether for want of memory.
func (w *watch) death() (how string, memory bool) {
	how, killed := exitOf(w.state)
	for _, line := range slices.Concat(w.output.last, w.output.end) {
		for _, words := range outOfMemory {
			memory = memory || strings.Contains(line, words)
		}
	}
	// Go's runtime catches the signal of a fault, prints it and exits with 2.
	if w.state.ExitCode() == 2 {
		for _, line := range w.output.end {
			if line = strings.TrimPrefix(line, "[signal "); strings.HasPrefix(line, "SIG") {
				name, _, _ := strings.Cut(line, " code=")
				return name, memory
			}
		}
	}
	// Somebody else killed it: the system for memory, as its own count or the child's size tells, or a person.
	return how, memory || killed && (oomKills() > w.oom || w.limit > 0 && w.used.held > w.limit/10*8)
}

// What of the last lines a message quotes.
const (
	quotedLines = 3
	quotedWidth = 200 // characters of one
)

// quote is the end of what native code printed, and what Go's runtime said of it.
func (w *watch) quote() string {
	lines := slices.Clone(w.output.last[max(0, len(w.output.last)-quotedLines):])
	lines = append(lines, w.output.end[:min(len(w.output.end), quotedLines)]...)
	if len(lines) == 0 {
		return ""
	}
	for i, line := range lines {
		if r := []rune(line); len(r) > quotedWidth {
			lines[i] = string(r[:quotedWidth]) + "..."
		}
	}
	return "; it printed: " + strings.Join(lines, " | ")
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+500_000)/1_000_000) }
