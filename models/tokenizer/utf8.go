package tokenizer

import "unicode/utf8"

// replacement is U+FFFD in UTF-8.
const replacement = "\uFFFD"

// validUTF8 returns the text itself if it is valid UTF-8, and otherwise a copy in which each maximal subpart of an
// ill-formed sequence is one U+FFFD: what Python's bytes.decode("utf-8", "replace") does, and the Unicode Standard
// recommends (chapter 3.9, table 3-8).
func validUTF8(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	out := make([]byte, 0, len(text)+16)
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			out = append(out, text[i])
			i++
			continue
		}
		if _, n := utf8.DecodeRuneInString(text[i:]); n > 1 {
			out = append(out, text[i:i+n]...)
			i += n
			continue
		}
		out = append(out, replacement...)
		i += subpart(text[i:])
	}
	return string(out)
}

// subpart is the length of the maximal subpart at the head of s: the longest head that could go on to a well-formed
// sequence, or one byte. The sequence as a whole is ill-formed.
func subpart(s string) int {
	var lo, hi byte = 0x80, 0xBF
	var need int
	switch c := s[0]; {
	case c >= 0xC2 && c <= 0xDF:
		need = 1
	case c == 0xE0:
		need, lo = 2, 0xA0
	case c == 0xED:
		need, hi = 2, 0x9F
	case c >= 0xE1 && c <= 0xEF:
		need = 2
	case c == 0xF0:
		need, lo = 3, 0x90
	case c == 0xF4:
		need, hi = 3, 0x8F
	case c >= 0xF1 && c <= 0xF3:
		need = 3
	default:
		return 1
	}
	n := 1
	for ; n <= need && n < len(s) && s[n] >= lo && s[n] <= hi; n++ {
		lo, hi = 0x80, 0xBF
	}
	return n
}
