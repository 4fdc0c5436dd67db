package main

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// escapeNonASCII rewrites marshalled JSON in ASCII: characters beyond it only stand inside strings, where \u escapes say
// the same (RFC 8259, section 7).
func escapeNonASCII(doc []byte) []byte {
	plain := true
	for _, c := range doc {
		if c >= utf8.RuneSelf || c == 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return doc
	}
	out := make([]byte, 0, len(doc)+len(doc)/4)
	for len(doc) > 0 {
		r, size := utf8.DecodeRune(doc)
		doc = doc[size:]
		switch {
		case r < 0x7f:
			out = append(out, byte(r))
		case r <= 0xffff:
			out = fmt.Appendf(out, "\\u%04x", r)
		default:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, "\\u%04x\\u%04x", high, low)
		}
	}
	return out
}
