package isolate

import (
	"bytes"
	"io"
	"strings"

	"github.com/divinedevops/probe/internal/printable"
)

const (
	maxLine   = 1000 // bytes of one line that are kept
	maxLines  = 2000 // lines that are shown; the rest is dropped
	lastLines = 40   // lines that are kept for the reason of a death
)

// output takes what the child's native libraries print: all of it, so that they never wait. It keeps the last lines.
type output struct {
	show  func(string)
	shown int
	line  []byte   // the line under way
	last  []string // the last lines before Go's runtime said why it ends the program
	end   []string // what it said: "SIGSEGV: segmentation violation"; the tracebacks behind it are not kept
}

// drain reads until the other side closes or the read is ended.
func (o *output) drain(r io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := r.Read(buffer)
		o.add(buffer[:n])
		if err != nil {
			o.endLine()
			return
		}
	}
}

func (o *output) add(b []byte) {
	for len(b) > 0 {
		part, rest, ended := bytes.Cut(b, []byte("\n"))
		o.line = append(o.line, part[:min(len(part), maxLine-len(o.line))]...)
		if ended {
			o.endLine()
		}
		b = rest
	}
}

func (o *output) endLine() {
	line := shown(string(o.line))
	o.line = o.line[:0]
	if strings.TrimSpace(line) == "" {
		return
	}
	if o.show != nil && o.shown < maxLines {
		o.shown++
		o.show(line)
	}
	switch {
	case runtimeWords(line):
		if len(o.end) < lastLines {
			o.end = append(o.end, line)
		}
	case len(o.end) == 0:
		if len(o.last) == lastLines {
			o.last = append(o.last[:0], o.last[1:]...)
		}
		o.last = append(o.last, line)
	}
}

// runtimeWords reports whether Go's runtime says with this line why it ends the program (runtime/signal_unix.go, panic.go).
func runtimeWords(line string) bool {
	for _, start := range []string{"fatal error: ", "panic: ", "runtime: ", "[signal SIG", "unexpected fault address"} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	name, _, found := strings.Cut(line, ": ")
	return found && strings.HasPrefix(name, "SIG") && len(name) < 10
}

// shown is a line as it may be shown: cut, and with what a terminal would obey escaped.
func shown(s string) string { return printable.Line(s[:min(len(s), maxLine)]) }
