package tokenizer

import (
	"fmt"
	"math"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth is how deep a tokenizer.json may nest; serde_json has the same limit.
const maxJSONDepth = 127

// jsonScanner reads JSON strictly and in one pass. The vocabularies of a tokenizer.json are megabytes long, so they
// are read straight into their tables; encoding/json would first build a tree many times their size.
type jsonScanner struct {
	data   []byte
	pos    int
	depth  int
	values int    // read by value
	buf    []byte // the last string that had escapes
}

// errorf is an error that says where in the file it happened.
func (j *jsonScanner) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %s", j.pos, fmt.Sprintf(format, args...))
}

// peek skips white space and returns the next byte without taking it, 0 at the end.
func (j *jsonScanner) peek() byte {
	for j.pos < len(j.data) {
		switch c := j.data[j.pos]; c {
		case ' ', '\t', '\n', '\r':
			j.pos++
		default:
			return c
		}
	}
	return 0
}

// expect takes the byte c, which must come next.
func (j *jsonScanner) expect(c byte) error {
	if got := j.peek(); got != c {
		if j.pos >= len(j.data) {
			return j.errorf("expected %q, found the end of the file", c)
		}
		return j.errorf("expected %q, found %q", c, got)
	}
	j.pos++
	return nil
}

// object calls field with each key of the object that comes next; field must take the value.
func (j *jsonScanner) object(field func(key string) error) error {
	return j.pairs(func(key []byte) error { return field(string(key)) })
}

// pairs is object with keys that are valid until the next string is read.
func (j *jsonScanner) pairs(field func(key []byte) error) error {
	if err := j.open('{'); err != nil {
		return err
	}
	if j.peek() == '}' {
		j.close()
		return nil
	}
	for {
		key, err := j.str()
		if err != nil {
			return err
		}
		if err := j.expect(':'); err != nil {
			return err
		}
		if err := field(key); err != nil {
			return err
		}
		if j.peek() == ',' {
			j.pos++
			continue
		}
		if err := j.expect('}'); err != nil {
			return err
		}
		j.depth--
		return nil
	}
}

// array calls element for each element of the array that comes next; element must take it.
func (j *jsonScanner) array(element func() error) error {
	if err := j.open('['); err != nil {
		return err
	}
	if j.peek() == ']' {
		j.close()
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if j.peek() == ',' {
			j.pos++
			continue
		}
		if err := j.expect(']'); err != nil {
			return err
		}
		j.depth--
		return nil
	}
}

func (j *jsonScanner) open(c byte) error {
	if err := j.expect(c); err != nil {
		return err
	}
	if j.depth++; j.depth > maxJSONDepth {
		return j.errorf("nested deeper than %d levels", maxJSONDepth)
	}
	return nil
}

func (j *jsonScanner) close() {
	j.pos++
	j.depth--
}

// str reads a string. The bytes are valid until the next call.
func (j *jsonScanner) str() ([]byte, error) {
	if err := j.expect('"'); err != nil {
		return nil, err
	}
	start := j.pos
	for i := start; i < len(j.data); i++ {
		switch c := j.data[i]; {
		case c == '"':
			j.pos = i + 1
			return j.data[start:i], nil
		case c == '\\':
			j.buf = append(j.buf[:0], j.data[start:i]...)
			j.pos = i
			return j.escaped()
		case c < 0x20:
			j.pos = i
			return nil, j.errorf("control character %#02x inside a string", c)
		}
	}
	j.pos = len(j.data)
	return nil, j.errorf("the file ends inside a string")
}

// escaped reads the rest of a string from its first backslash on.
func (j *jsonScanner) escaped() ([]byte, error) {
	for j.pos < len(j.data) {
		c := j.data[j.pos]
		j.pos++
		switch {
		case c == '"':
			return j.buf, nil
		case c < 0x20:
			return nil, j.errorf("control character %#02x inside a string", c)
		case c != '\\':
			j.buf = append(j.buf, c)
		default:
			if err := j.escape(); err != nil {
				return nil, err
			}
		}
	}
	return nil, j.errorf("the file ends inside a string")
}

// escape reads what follows a backslash.
func (j *jsonScanner) escape() error {
	if j.pos >= len(j.data) {
		return j.errorf("the file ends inside a string")
	}
	c := j.data[j.pos]
	j.pos++
	switch c {
	case '"', '\\', '/':
		j.buf = append(j.buf, c)
	case 'b':
		j.buf = append(j.buf, '\b')
	case 'f':
		j.buf = append(j.buf, '\f')
	case 'n':
		j.buf = append(j.buf, '\n')
	case 'r':
		j.buf = append(j.buf, '\r')
	case 't':
		j.buf = append(j.buf, '\t')
	case 'u':
		r, err := j.hex4()
		if err != nil {
			return err
		}
		if utf16.IsSurrogate(r) {
			if r >= 0xDC00 || j.pos+1 >= len(j.data) || j.data[j.pos] != '\\' || j.data[j.pos+1] != 'u' {
				return j.errorf("a lone surrogate \\u%04x", r)
			}
			j.pos += 2
			low, err := j.hex4()
			if err != nil {
				return err
			}
			if low < 0xDC00 || low > 0xDFFF {
				return j.errorf("a lone surrogate \\u%04x", r)
			}
			r = utf16.DecodeRune(r, low)
		}
		j.buf = utf8.AppendRune(j.buf, r)
	default:
		return j.errorf("unknown escape \\%c", c)
	}
	return nil
}

func (j *jsonScanner) hex4() (rune, error) {
	if j.pos+4 > len(j.data) {
		return 0, j.errorf("the file ends inside a string")
	}
	var r rune
	for _, c := range j.data[j.pos : j.pos+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, j.errorf("bad hexadecimal digit %q in a \\u escape", c)
		}
	}
	j.pos += 4
	return r, nil
}

// id reads a token id: an integer from 0 to 2^31-1.
func (j *jsonScanner) id() (int32, error) {
	n, isInt, err := j.number()
	if err != nil {
		return 0, err
	}
	if !isInt || n < 0 || n > math.MaxInt32 {
		return 0, j.errorf("a token id must be an integer from 0 to %d", math.MaxInt32)
	}
	return int32(n), nil
}

// literal takes one of true, false and null.
func (j *jsonScanner) literal(word string) error {
	if len(j.data)-j.pos < len(word) || string(j.data[j.pos:j.pos+len(word)]) != word {
		return j.errorf("expected a JSON value")
	}
	j.pos += len(word)
	return nil
}

// skip takes any value.
func (j *jsonScanner) skip() error {
	switch c := j.peek(); { //nolint:staticcheck // the last cases are ranges
	case c == '{':
		return j.object(func(string) error { return j.skip() })
	case c == '[':
		return j.array(j.skip)
	case c == '"':
		_, err := j.str()
		return err
	case c == 't':
		return j.literal("true")
	case c == 'f':
		return j.literal("false")
	case c == 'n':
		return j.literal("null")
	}
	_, _, err := j.number()
	return err
}

// end reports whether only white space is left.
func (j *jsonScanner) end() error {
	if j.peek(); j.pos < len(j.data) {
		return j.errorf("more data after the JSON value")
	}
	return nil
}
