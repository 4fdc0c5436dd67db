package models

import (
	"slices"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/card"
)

// characters is how many characters of a text are tokenized, 0 for all of them. The library model2vec cuts a text to its
// limit of tokens times the median length of the vocabulary's tokens before it tokenizes (_encode_dispatch, 0.10).
func (e *Encoder) characters() int {
	s, ok := e.texts.(*staticRunner)
	if !ok || !s.skips || e.tok == nil || e.limit.Tokens == 0 {
		return 0
	}
	if s.characters == 0 {
		var lengths []int
		e.tok.EachToken(func(token string) { lengths = append(lengths, utf8.RuneCountInString(token)) })
		s.characters = e.limit.Tokens * median(lengths)
	}
	return s.characters
}

// median is int(numpy.median(lengths)).
func median(lengths []int) int {
	if len(lengths) == 0 {
		return 0
	}
	slices.Sort(lengths)
	middle := len(lengths) / 2
	if len(lengths)%2 == 1 {
		return lengths[middle]
	}
	return (lengths[middle-1] + lengths[middle]) / 2
}

// firstCharacters is the beginning of a text; cut reports whether anything is left out.
func firstCharacters(text string, n int) (beginning string, cut bool) {
	for i := range text {
		if n == 0 {
			return text[:i], true
		}
		n--
	}
	return text, false
}

// isModel2vec reports whether a module is run as the library model2vec runs it, and not as sentence-transformers does.
func isModel2vec(m card.Module) bool { return m.Type == card.Model2vec }
