package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/internal/grammar"
)

// cells lays out one line of the table.
func cells(key, measured, declared string) string {
	line := fmt.Sprintf("%-*s%-*s%s", keyWidth, key, cellWidth, measured, fitted(declared, width-keyWidth-cellWidth))
	return strings.TrimRight(line, " ")
}

// right puts s at the right end of n columns, with a space before it.
func right(s string, n int) string {
	if s == "" {
		return ""
	}
	return strings.Repeat(" ", max(1, n-utf8.RuneCountInString(s))) + s
}

// fitted cuts s to n columns and says so with dots.
func fitted(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	if n <= 3 {
		return string(runes[:max(n, 0)])
	}
	return string(runes[:n-3]) + "..."
}

// wrap breaks text at spaces into lines of at most n columns behind an indent; it ends in a line feed.
func wrap(s string, indent, n int) string {
	space := strings.Repeat(" ", indent)
	return space + wrapHanging(strings.Join(strings.Fields(s), " "), indent, n-indent) // the first indent is written here
}

// wrapHanging breaks text into lines of at most n columns, the second and later ones behind an indent. A word longer than
// a line (a path, a digest) stays whole.
func wrapHanging(s string, indent, n int) string {
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

func number(n *int) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func tokens(n *int) string {
	if n == nil {
		return ""
	}
	return grammar.Plural(*n, "token")
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// plain prints a value of the report as a person reads it.
func plain(v any) string {
	if list, ok := v.([]string); ok {
		return strings.Join(list, ", ")
	}
	return fmt.Sprint(v)
}
