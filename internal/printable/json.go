package printable

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON is v as one indented document in ASCII, so that no caller's locale can break it. Errors are of values that have no
// JSON.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("no JSON can be made of it: %w", err)
	}
	return ASCII(b.Bytes()), nil
}

// ASCII rewrites marshalled JSON in printable ASCII. Other characters, DEL among them, stand inside strings only, where \u
// escapes say the same (RFC 8259, section 7).
func ASCII(doc []byte) []byte {
	plain := true
	for _, c := range doc {
		if c >= 0x7f {
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
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
	}
	return out
}
