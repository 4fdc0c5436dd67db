// Package grammar is the little grammar that lines for people need.
package grammar

import "fmt"

// Plural is a number with its noun: "1 token", "256 tokens". It knows nouns that take an s.
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
