// Package columns lays lines out for a terminal of so many columns. It counts characters: all of them as one column.
package columns

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Right puts s at the right end of n columns, with a space before it.
func Right(s string, n int) string {
	if s == "" {
		return ""
	}
	return strings.Repeat(" ", max(1, n-utf8.RuneCountInString(s))) + s
}

// Fit cuts s to n columns and says so with dots.
func Fit(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	if n <= 3 {
		return string(runes[:max(n, 0)])
	}
	return string(runes[:n-3]) + "..."
}

// Wrap breaks text at spaces into lines of at most n columns after an indent; it ends in a line feed.
func Wrap(s string, indent, n int) string {
	space := strings.Repeat(" ", indent)
	return space + Hang(strings.Join(strings.Fields(s), " "), indent, n-indent) // the first indent is written here
}

// Hang breaks text into lines of at most n columns, the second and later ones after an indent. A word longer than
// a line (a path, a digest) stays whole.
func Hang(s string, indent, n int) string {
	var b strings.Builder
	column := 0
	for i, word := range splitKeepingSpace(s) {
		length := utf8.RuneCountInString(word)
		if i > 0 && column+length > n && column > indent {
			b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
			word = strings.TrimLeft(word, " ")
			length = utf8.RuneCountInString(word)
		}
		b.WriteString(word)
		column += length
	}
	b.WriteString("\n")
	return b.String()
}

// splitKeepingSpace cuts a line into words, each with the spaces before it.
func splitKeepingSpace(s string) []string {
	var words []string
	for s != "" {
		end := len(s) - len(strings.TrimLeft(s, " "))
		if next := strings.IndexByte(s[end:], ' '); next >= 0 {
			end += next
		} else {
			end = len(s)
		}
		words = append(words, s[:end])
		s = s[end:]
	}
	return words
}

// Join puts the parts that are not empty together.
func Join(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return p == "" }), separator)
}
