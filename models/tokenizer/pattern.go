package tokenizer

import (
	"fmt"
	"strings"
)

// finder finds what a pattern matches.
type finder interface {
	// cuts cuts a text up into matches, which are delimiters, and what lies between. They are valid until the next
	// call with the same scratch.
	cuts(s *scratch, text string) ([]cut, error)
}

// newPattern reads {"String": "literal"} or {"Regex": "..."} under "pattern".
func newPattern(o object) (finder, error) {
	p, err := o.object("pattern")
	if err != nil {
		return nil, err
	}
	if literal, ok := p["String"].(string); ok && literal != "" {
		return literalFinder(literal), nil
	}
	if _, ok := p["String"].(string); ok {
		return newRegex("")
	}
	pattern, err := p.str("Regex")
	if err != nil {
		return nil, err
	}
	if scan := knownPattern(pattern); scan != nil {
		return scan, nil
	}
	re, err := newRegex(pattern)
	if err != nil {
		return nil, fmt.Errorf("pattern %.80q: %w", pattern, err)
	}
	return re, nil
}

// literalFinder finds a literal text.
type literalFinder string

func (l literalFinder) cuts(s *scratch, text string) ([]cut, error) {
	s.cuts = s.cuts[:0]
	done := 0
	for {
		next := strings.Index(text[done:], string(l))
		if next < 0 {
			break
		}
		if next > 0 {
			s.cuts = append(s.cuts, cut{done, done + next, false})
		}
		s.cuts = append(s.cuts, cut{done + next, done + next + len(l), true})
		done += next + len(l)
	}
	if done < len(text) {
		s.cuts = append(s.cuts, cut{done, len(text), false})
	}
	return s.cuts, nil
}

// cuts makes a scanner a finder.
func (scan scanner) cuts(s *scratch, text string) ([]cut, error) {
	s.cuts = s.cuts[:0]
	between := 0 // where the text after the last match begins
	for at := 0; at < len(text); {
		end := scan(text, at)
		if end == at {
			at += runeLen(text[at])
			continue
		}
		if between < at {
			s.cuts = append(s.cuts, cut{between, at, false})
		}
		s.cuts = append(s.cuts, cut{at, end, true})
		at, between = end, end
	}
	if between < len(text) {
		s.cuts = append(s.cuts, cut{between, len(text), false})
	}
	return s.cuts, nil
}
