package isolate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/vocabulary"
)

// failure says why the task did not come to its end.
func (w *watch) failure(ctx context.Context) *failure.Error {
	stage, at := w.where(w.at)
	fail := func(kind failure.Kind, format string, args ...any) *failure.Error {
		return failure.Errorf(stage, kind, "%s", fmt.Sprintf(format, args...)+w.quote())
	}
	switch w.ended {
	case causeTime:
		f := failure.Interrupted(stage, at, ctx.Err())
		f.Message += "; the model process did not answer and was killed" + w.quote()
		return f
	case causeMemory:
		return fail(failure.KindOutOfMemory, "the model process was killed during %q: it may hold at most %s, and held %s", at,
			megabytes(w.limit), megabytes(w.used.held)).With(vocabulary.RemedyMoreMemory)
	case causeRubbish:
		return fail(failure.KindCrash, "the model process was killed during %q: it sent something other than its results, so its "+
			"memory or its descriptors were overwritten (%s)", at, shown(w.why.Error()))
	case causeRequest:
		return fail(failure.KindInternal, "%s", w.why)
	}
	how, outOfMemory := w.death()
	if outOfMemory {
		return fail(failure.KindOutOfMemory, "the model process ran out of memory during %q (%s)", at, how)
	}
	return fail(failure.KindCrash, "the model process died during %q (%s)", at, how)
}

// stageOf is the stage that a step belongs to.
func stageOf(step string) failure.Stage {
	switch step {
	case "", "start", "resolve":
		return failure.StageResolve
	case "load":
		return failure.StageLoad
	}
	return failure.StageInference
}

func atOrStart(step string) string {
	if step == "" {
		return "start"
	}
	return step
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
		for _, line := range w.output.end {
			if words, found := strings.CutPrefix(line, "fatal error: "); found {
				return words, memory // "stack overflow"
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
