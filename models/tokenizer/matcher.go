package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// matcher finds the added tokens in a text: leftmost first, of those the longest, none overlapping.
type matcher struct {
	trie  *trie
	first [256]bool // bytes that a token begins with
	only  int       // the one such byte, or 256 where there are several
	// empty is the token whose text normalizes to nothing, or noToken. It matches between any two characters.
	empty int32
}

// match is where an added token was found.
type match struct {
	start, end int
	id         int32
}

// newMatcher is nil for no patterns. Of equal patterns the first counts.
func newMatcher(patterns []addedPattern) (*matcher, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	m := &matcher{only: 256, empty: noToken}
	var tokens []trieToken
	for i := len(patterns) - 1; i >= 0; i-- { // of equal ones the trie keeps the last
		p := patterns[i]
		if p.text == "" {
			m.empty = p.id
			continue
		}
		tokens = append(tokens, trieToken{text: p.text, id: p.id})
		m.first[p.text[0]] = true
	}
	var err error
	if m.trie, err = newTrie(tokens); err != nil {
		return nil, err
	}
	starts := 0
	for c, is := range m.first {
		if is {
			m.only = c
			starts++
		}
	}
	if starts > 1 {
		m.only = 256
	}
	return m, nil
}

// next finds the first match at or after from.
func (m *matcher) next(text string, from int) (match, bool) {
	for at := from; at < len(text); at++ {
		switch {
		case m.empty != noToken:
			if !utf8.RuneStart(text[at]) {
				continue
			}
		case m.only < 256:
			i := strings.IndexByte(text[at:], byte(m.only))
			if i < 0 {
				return match{}, false
			}
			at += i
		}
		if m.first[text[at]] {
			if end, id := m.trie.longest(text, at); id != noToken {
				return match{at, end, id}, true
			}
		}
		if m.empty != noToken && at > from {
			return match{at, at, m.empty}, true
		}
	}
	return match{}, false
}
