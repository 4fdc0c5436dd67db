package isolate

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	maxLine   = 1000     // characters of one line that are shown
	maxLines  = 2000     // lines that are shown; the rest is dropped
	tailBytes = 16 << 10 // what is kept of the end
)

// output takes what the child's native libraries print: all of it, so that they never wait, and keeps the end.
type output struct {
	show  func(string)
	shown int
	line  []byte // the line under way, cut at maxLine bytes
	tail  []byte
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
	o.tail = append(o.tail, b...)
	if len(o.tail) > 2*tailBytes {
		o.tail = append(o.tail[:0], o.tail[len(o.tail)-tailBytes:]...)
	}
	for o.show != nil && o.shown < maxLines && len(b) > 0 {
		part, rest, ended := bytes.Cut(b, []byte("\n"))
		o.line = append(o.line, part[:min(len(part), maxLine-min(maxLine, len(o.line)))]...)
		if ended {
			o.endLine()
		}
		b = rest
	}
}

func (o *output) endLine() {
	if len(o.line) > 0 && o.show != nil && o.shown < maxLines {
		o.shown++
		o.show(printable(string(o.line)))
	}
	o.line = o.line[:0]
}

// lines are the last of what was printed, made printable, without empty ones.
func (o *output) lines() []string {
	var out []string
	for line := range strings.Lines(string(o.tail[max(0, len(o.tail)-tailBytes):])) {
		if line = strings.TrimSpace(printable(line)); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// printable cuts a line and escapes what a terminal would obey: control characters, and bytes that are no UTF-8.
func printable(s string) string {
	var b strings.Builder
	s = strings.TrimRight(s, "\r\n")
	for n := 0; len(s) > 0 && n < maxLine; n++ {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "\\x%02x", s[0])
		case r == '\t':
			b.WriteByte(' ')
		case r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}
