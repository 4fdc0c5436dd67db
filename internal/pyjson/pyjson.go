// Package pyjson reads what Python's json writes and JSON does not allow: NaN, Infinity and -Infinity.
package pyjson

import "bytes"

// Replace puts what with returns in place of each NaN, Infinity and -Infinity outside of strings; with gets the word.
// Data without one is returned as it is.
func Replace(data []byte, with func(word string) string) []byte {
	if !bytes.Contains(data, []byte("NaN")) && !bytes.Contains(data, []byte("Infinity")) {
		return data
	}
	out := make([]byte, 0, len(data))
	inString := false
	for i := 0; i < len(data); i++ {
		c := data[i]
		if !inString {
			if word := nonFinite(data[i:]); word != "" {
				out = append(out, with(word)...)
				i += len(word) - 1
				continue
			}
		}
		switch {
		case c == '"':
			inString = !inString
		case c == '\\' && inString && i+1 < len(data):
			out = append(out, c)
			i++
			c = data[i]
		}
		out = append(out, c)
	}
	return out
}

func nonFinite(b []byte) string {
	for _, word := range []string{"NaN", "-Infinity", "Infinity"} {
		if bytes.HasPrefix(b, []byte(word)) {
			return word
		}
	}
	return ""
}
