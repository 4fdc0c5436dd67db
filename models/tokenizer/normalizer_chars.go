package tokenizer

import (
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// filter keeps the characters that keep accepts. A dropped character counts towards the one before it; those at the very
// beginning count towards none.
func filter(s *scratch, p *piece, keep func(rune) bool) {
	if !p.odd() && strings.IndexFunc(p.text, func(r rune) bool { return !keep(r) }) < 0 {
		return
	}
	s.mapped = s.mapped[:0]
	skip, removed := 0, int32(0)
	for _, r := range p.text {
		switch {
		case !keep(r):
			removed++
			continue
		case len(s.mapped) > 0:
			s.mapped[len(s.mapped)-1].Change = -removed
		default:
			skip = int(removed)
		}
		s.mapped = append(s.mapped, unicode.Mapped{Rune: r})
		removed = 0
	}
	if len(s.mapped) > 0 {
		s.mapped[len(s.mapped)-1].Change = -removed
	}
	p.transform(s.mapped, skip)
}

// mapRunes replaces each character by another.
func mapRunes(s *scratch, p *piece, f func(rune) rune) {
	s.mapped = s.mapped[:0]
	changed := false
	for _, r := range p.text {
		to := f(r)
		changed = changed || to != r
		s.mapped = append(s.mapped, unicode.Mapped{Rune: to})
	}
	if changed || p.odd() {
		p.transform(s.mapped, 0)
	}
}

// lower makes the text lower case, character by character: no final sigma, no language's own rules.
func lower(s *scratch, p *piece) {
	s.mapped = s.mapped[:0]
	changed := false
	for _, r := range p.text {
		if r < utf8.RuneSelf {
			if r >= 'A' && r <= 'Z' {
				r += 'a' - 'A'
				changed = true
			}
			s.mapped = append(s.mapped, unicode.Mapped{Rune: r})
			continue
		}
		to, single := unicode.ToLower(r)
		if single {
			changed = changed || to != r
			s.mapped = append(s.mapped, unicode.Mapped{Rune: to})
			continue
		}
		changed = true
		var several [3]rune
		for i, to := range unicode.AppendLower(several[:0], r) {
			s.mapped = append(s.mapped, unicode.Mapped{Rune: to, Change: min(int32(i), 1)})
		}
	}
	if changed || p.odd() {
		p.transform(s.mapped, 0)
	}
}

type lowercase struct{}

func (lowercase) normalize(s *scratch, p *piece) error {
	lower(s, p)
	return nil
}

// stripAccents removes combining marks. It does not decompose: that is for a normalizer before it.
type stripAccents struct{}

func (stripAccents) normalize(s *scratch, p *piece) error {
	filter(s, p, func(r rune) bool { return r < utf8.RuneSelf || !unicode.IsCombiningMark(r) })
	return nil
}

// nmt is the clean-up of sentencepiece's nmt_nfkc rules: control characters are dropped, odd spaces become spaces.
type nmt struct{}

func (nmt) normalize(s *scratch, p *piece) error {
	filter(s, p, func(r rune) bool {
		switch {
		case r >= 0x01 && r <= 0x08, r == 0x0B, r >= 0x0E && r <= 0x1F, r == 0x7F, r == 0x8F, r == 0x9F:
			return false
		}
		return true
	})
	mapRunes(s, p, func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\f', r == '\r', r == 0x1680, r >= 0x200B && r <= 0x200F, r == 0x2028,
			r == 0x2029, r == 0x2581, r == 0xFEFF, r == 0xFFFD:
			return ' '
		}
		return r
	})
	return nil
}

// strip removes white space from the ends.
type strip struct{ left, right bool }

func newStrip(o object) (normalizer, error) {
	var s strip
	var err error
	if s.left, err = o.bool("strip_left"); err != nil {
		return nil, err
	}
	s.right, err = o.bool("strip_right")
	return s, err
}

func (n strip) normalize(s *scratch, p *piece) error {
	leading, trailing, count := 0, 0, utf8.RuneCountInString(p.text)
	if n.left {
		for _, r := range p.text {
			if !unicode.IsWhitespace(r) {
				break
			}
			leading++
		}
	}
	if n.right {
		for end := len(p.text); end > 0; trailing++ {
			r, size := utf8.DecodeLastRuneInString(p.text[:end])
			if !unicode.IsWhitespace(r) {
				break
			}
			end -= size
		}
	}
	if leading == 0 && trailing == 0 {
		return nil
	}
	s.mapped = s.mapped[:0]
	i := 0
	for _, r := range p.text {
		if i >= leading && i < count-trailing {
			m := unicode.Mapped{Rune: r}
			if i == len(p.text)-trailing-1 { // bytes against characters, as in the Rust library
				m.Change = -int32(trailing)
			}
			s.mapped = append(s.mapped, m)
		}
		i++
	}
	p.transform(s.mapped, leading)
	return nil
}

// prepend puts a text in front of one that is not empty.
type prepend string

func (n prepend) normalize(s *scratch, p *piece) error {
	if err := s.fits(len(p.text) + len(n)); err != nil {
		return err
	}
	p.prepend(s, string(n))
	return nil
}

// prepend puts a text in front, which stands for the first character there was.
func (p *piece) prepend(s *scratch, text string) {
	if p.text == "" {
		return
	}
	first, n := utf8.DecodeRuneInString(p.text)
	s.mapped = s.mapped[:0]
	for i, r := range text {
		s.mapped = append(s.mapped, unicode.Mapped{Rune: r, Change: int32(min(i, 1))})
	}
	s.mapped = append(s.mapped, unicode.Mapped{Rune: first, Change: 1})
	p.transformRange(0, n, s.mapped, 0)
}
