// Package grammar is the little grammar that lines for people need.
package grammar

import (
	"fmt"
	"strings"
)

// Plural is a number with its noun: "1 token", "256 tokens". It knows nouns that take an s.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Or lists alternatives: "text, json or markdown".
func Or(list []string) string {
	if n := len(list); n > 1 {
		return strings.Join(list[:n-1], ", ") + " or " + list[n-1]
	}
	return strings.Join(list, "")
}
