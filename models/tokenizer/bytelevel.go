package tokenizer

import (
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// byteRune is GPT-2's alphabet (bytes_to_unicode of openai/gpt-2): a printable character for each byte. Printable
// bytes of Latin-1 stand for themselves, the rest follow each other from U+0100.
var byteRune = func() (runes [256]rune) {
	next := rune(256)
	for b := range runes {
		switch {
		case b >= '!' && b <= '~', b >= 0xA1 && b <= 0xAC, b >= 0xAE:
			runes[b] = rune(b)
		default:
			runes[b] = next
			next++
		}
	}
	return runes
}()

// spaceRune is the character of the space.
const spaceRune = 'Ġ'

// appendByteLevel appends the characters of the bytes of s.
func appendByteLevel(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		dst = utf8.AppendRune(dst, byteRune[s[i]])
	}
	return dst
}

// byteLevelNormalizer writes each byte as its character.
type byteLevelNormalizer struct{}

func (byteLevelNormalizer) normalize(s *scratch, p *piece) error {
	p.toByteLevel(s)
	return nil
}

// toByteLevel writes each byte of the text as its character.
func (p *piece) toByteLevel(s *scratch) {
	if p.text == "" {
		return
	}
	s.mapped = s.mapped[:0]
	for i := 0; i < len(p.text); i++ {
		m := unicode.Mapped{Rune: byteRune[p.text[i]]}
		if !utf8.RuneStart(p.text[i]) {
			m.Change = 1
		}
		s.mapped = append(s.mapped, m)
	}
	p.transform(s.mapped, 0)
}
