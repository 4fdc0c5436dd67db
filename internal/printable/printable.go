// Package printable makes text from models, files and other programs safe to show: a terminal obeys control characters,
// and a bidirectional override (U+202E) makes a line read as something that it is not.
package printable

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line is s on one line: each run of white space, line ends included, becomes one space, and what a terminal would obey or
// a reader not see is escaped.
func Line(s string) string { return Text(strings.Join(strings.Fields(s), " ")) }

// Text is s with line feeds and tabs as they are. Control and format characters (categories Cc and Cf of Unicode: ESC, BEL,
// U+202E, zero widths, tags), line and paragraph separators, and bytes that are not UTF-8 are escaped as Go writes them.
func Text(s string) string {
	if !strings.ContainsFunc(s, escaped) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case !escaped(r):
			b.WriteString(s[:size])
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		s = s[size:]
	}
	return b.String()
}

// escaped reports whether a character is not shown as it is.
func escaped(r rune) bool {
	return r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
