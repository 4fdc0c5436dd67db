package tokenizer

import "github.com/divinedevops/probe/models/tokenizer/unicode"

// unicodeForm is one of the Unicode normalization forms (UAX #15).
type unicodeForm struct {
	append func(dst []unicode.Mapped, s string) []unicode.Mapped
	quick  func(s string) bool // true: the text is in this form already
}

func newUnicodeForm(name string) unicodeForm {
	switch name {
	case "NFC":
		return unicodeForm{unicode.AppendNFC, unicode.QuickNFC}
	case "NFD":
		return unicodeForm{unicode.AppendNFD, unicode.QuickNFD}
	case "NFKC":
		return unicodeForm{unicode.AppendNFKC, unicode.QuickNFKC}
	}
	return unicodeForm{unicode.AppendNFKD, unicode.QuickNFKD}
}

func (f unicodeForm) normalize(s *scratch, p *piece) error {
	if f.quick(p.text) && !p.odd() {
		return nil
	}
	s.mapped = f.append(s.mapped[:0], p.text)
	p.transform(s.mapped, 0)
	return nil
}

var nfd = unicodeForm{unicode.AppendNFD, unicode.QuickNFD}
