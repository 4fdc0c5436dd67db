package tokenizer

import (
	"unicode/utf8"
	"unsafe"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// bertNormalizer is BERT's BasicTokenizer before it splits: white space becomes spaces, control characters are dropped, CJK
// characters get spaces around them, accents are dropped, and letters become lower case one by one.
type bertNormalizer struct {
	cleanText, handleChinese, stripAccents, lowercase bool
}

func newBertNormalizer(o object) (normalizer, error) {
	var b bertNormalizer
	var err error
	if b.cleanText, err = o.bool("clean_text"); err != nil {
		return nil, err
	}
	if b.handleChinese, err = o.bool("handle_chinese_chars"); err != nil {
		return nil, err
	}
	if b.lowercase, err = o.bool("lowercase"); err != nil {
		return nil, err
	}
	b.stripAccents, err = o.boolOr("strip_accents", b.lowercase)
	return b, err
}

func (b bertNormalizer) normalize(s *scratch, p *piece) error {
	if b.normalizeASCII(p) {
		return nil
	}
	if b.cleanText {
		filter(s, p, func(r rune) bool { return !unicode.IsControl(r) })
		mapRunes(s, p, func(r rune) rune {
			if r == '\t' || r == '\n' || r == '\r' || unicode.IsWhitespace(r) {
				return ' '
			}
			return r
		})
	}
	if b.handleChinese {
		spaceCJK(s, p)
	}
	if b.stripAccents {
		if err := nfd.normalize(s, p); err != nil {
			return err
		}
		filter(s, p, func(r rune) bool { return !unicode.IsMarkNonspacing(r) })
	}
	if b.lowercase {
		lower(s, p)
	}
	return nil
}

// normalizeASCII does all of it in one pass, for ASCII text without control characters.
func (b bertNormalizer) normalizeASCII(p *piece) bool {
	if p.odd() {
		return false
	}
	changed := false
	for i := 0; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c >= utf8.RuneSelf || c == 0x7F:
			return false
		case c < ' ':
			if b.cleanText && (c < '\t' || c > '\r' || c == '\v' || c == '\f') {
				return false
			}
			changed = true
		case c >= 'A' && c <= 'Z':
			changed = true
		}
	}
	if !changed {
		return true
	}
	text := make([]byte, len(p.text))
	for i := range text {
		c := p.text[i]
		switch {
		case b.lowercase && c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case b.cleanText && c < ' ':
			c = ' '
		}
		text[i] = c
	}
	p.text = unsafe.String(unsafe.SliceData(text), len(text))
	return true
}

// spaceCJK puts a space on either side of every CJK character.
func spaceCJK(s *scratch, p *piece) {
	s.mapped = s.mapped[:0]
	changed := false
	for _, r := range p.text {
		if r >= utf8.RuneSelf && unicode.IsCJK(r) {
			changed = true
			s.mapped = append(s.mapped, unicode.Mapped{Rune: ' '}, unicode.Mapped{Rune: r, Change: 1},
				unicode.Mapped{Rune: ' ', Change: 1})
			continue
		}
		s.mapped = append(s.mapped, unicode.Mapped{Rune: r})
	}
	if changed || p.odd() {
		p.transform(s.mapped, 0)
	}
}
