package tokenizer

import (
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// bertPreTokenizer splits at white space, drops it, and makes every punctuation character a piece of its own.
type bertPreTokenizer struct{}

func (bertPreTokenizer) split(_ *scratch, p *piece, out []piece) ([]piece, error) {
	start := 0
	for i := 0; i < len(p.text); {
		r, n := rune(p.text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(p.text[i:])
		}
		switch {
		case unicode.IsWhitespace(r):
			out = appendSlice(out, p, start, i)
			start = i + n
		case unicode.IsPunct(r):
			out = appendSlice(out, p, start, i)
			out = append(out, p.slice(i, i+n))
			start = i + n
		}
		i += n
	}
	return appendSlice(out, p, start, len(p.text)), nil
}

// whitespaceSplit splits at white space and drops it.
type whitespaceSplit struct{}

func (whitespaceSplit) split(s *scratch, p *piece, out []piece) ([]piece, error) {
	return removed.split(p, s.cutAt(p.text, unicode.IsWhitespace), out), nil
}

// whitespace splits into runs of word characters and runs of what is neither that nor white space: \w+|[^\w\s]+
type whitespace struct{}

func (whitespace) split(_ *scratch, p *piece, out []piece) ([]piece, error) {
	const blank, word, other = 0, 1, 2
	start, inside := 0, blank
	for i := 0; i < len(p.text); {
		r, n := rune(p.text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(p.text[i:])
		}
		class := other
		switch {
		case unicode.IsRegexWord(r):
			class = word
		case unicode.IsRegexSpace(r):
			class = blank
		}
		if class != inside {
			if inside != blank {
				out = append(out, p.slice(start, i))
			}
			start, inside = i, class
		}
		i += n
	}
	if inside != blank {
		out = append(out, p.slice(start, len(p.text)))
	}
	return out, nil
}

// punctuation splits at punctuation characters.
type punctuation struct{ behavior behavior }

func (t punctuation) split(s *scratch, p *piece, out []piece) ([]piece, error) {
	return t.behavior.split(p, s.cutAt(p.text, unicode.IsPunct), out), nil
}

// digits makes numbers pieces of their own: each digit, or runs of them.
type digits struct{ each bool }

func (t digits) split(s *scratch, p *piece, out []piece) ([]piece, error) {
	b := contiguous
	if t.each {
		b = isolated
	}
	return b.split(p, s.cutAt(p.text, unicode.IsNumeric), out), nil
}

// charDelimiter splits at a character and drops it.
type charDelimiter rune

func (t charDelimiter) split(s *scratch, p *piece, out []piece) ([]piece, error) {
	return removed.split(p, s.cutAt(p.text, func(r rune) bool { return r == rune(t) }), out), nil
}

// cutAt cuts a text at every character that is a delimiter.
func (s *scratch) cutAt(text string, delimiter func(rune) bool) []cut {
	s.cuts = s.cuts[:0]
	done := 0
	for i := 0; i < len(text); {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		if delimiter(r) {
			if done < i {
				s.cuts = append(s.cuts, cut{done, i, false})
			}
			done = i + n
			s.cuts = append(s.cuts, cut{i, done, true})
		}
		i += n
	}
	if done < len(text) {
		s.cuts = append(s.cuts, cut{done, len(text), false})
	}
	return s.cuts
}

// fixedLength cuts into pieces of a number of characters.
type fixedLength int

func newFixedLength(o object) (preTokenizer, error) {
	n, err := o.integerOr("length", 1<<30, 5)
	if err == nil && n == 0 {
		err = wrongType("length", "an integer of 1 or more", float64(0))
	}
	return fixedLength(n), err
}

func (t fixedLength) split(_ *scratch, p *piece, out []piece) ([]piece, error) {
	start, count := 0, 0
	for i := range p.text {
		if count == int(t) {
			out = append(out, p.slice(start, i))
			start, count = i, 0
		}
		count++
	}
	return appendSlice(out, p, start, len(p.text)), nil
}

// unicodeScripts splits where the script changes; spaces go with what comes before them.
type unicodeScripts struct{}

func (unicodeScripts) split(_ *scratch, p *piece, out []piece) ([]piece, error) {
	last := unicode.Script(0)
	start := -1
	for i, r := range p.text {
		script := unicode.ScriptOf(r)
		if script == 0 {
			continue
		}
		if last != script {
			if start >= 0 {
				out = append(out, p.slice(start, i))
			}
			start = i
		}
		last = script
	}
	if start >= 0 {
		out = append(out, p.slice(start, len(p.text)))
	}
	return out, nil
}
