package torch

import (
	"encoding/binary"
	"io"
)

// input reads pickles from a part of a file, a chunk at a time. It never allocates for a length before it is known that
// the part has so many bytes left.
type input struct {
	r        io.ReaderAt
	pos, end int64
	// limited is true if end is MaxPickle and not the end of the part: what does not fit is too large then, not cut.
	limited bool
	chunk   []byte
	at      int64 // where chunk begins
}

// newInput reads from pos to end, at most MaxPickle bytes.
func newInput(r io.ReaderAt, pos, end int64) *input {
	in := &input{r: r, pos: pos, end: end}
	if end-pos > MaxPickle {
		in.end, in.limited = pos+MaxPickle, true
	}
	return in
}

const chunkSize = 64 << 10

// take returns the next n bytes, which stay valid until the next call. what names them for an error.
func (in *input) take(n int64, what string) ([]byte, error) {
	switch {
	case n < 0:
		return nil, invalid("the pickle has %s of negative length %d", what, n)
	case n > in.end-in.pos && n > MaxPickle:
		return nil, tooLarge("the pickle has %s of %d bytes, more than the %d that are read", what, n, int64(MaxPickle))
	case n > in.end-in.pos:
		return nil, in.ended("%d bytes of %s", n, what)
	}
	if in.pos < in.at || in.pos+n > in.at+int64(len(in.chunk)) {
		size := min(max(n, chunkSize), in.end-in.pos)
		if int64(cap(in.chunk)) < size {
			in.chunk = make([]byte, size)
		}
		in.chunk, in.at = in.chunk[:size], in.pos
		if got, err := in.r.ReadAt(in.chunk, in.pos); int64(got) < n && err != nil {
			return nil, cut("%d bytes of %s: %w", n, what, err)
		}
	}
	from := in.pos - in.at
	in.pos += n
	return in.chunk[from : from+n], nil
}

func (in *input) ended(format string, args ...any) error {
	if in.limited {
		return tooLarge("the pickles have more than the %d bytes that are read", int64(MaxPickle))
	}
	return cut(format, args...)
}

func (in *input) byte() (byte, error) {
	b, err := in.take(1, "an opcode")
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// uint reads a little-endian number of 1, 2, 4 or 8 bytes.
func (in *input) uint(size int64) (int64, error) {
	b, err := in.take(size, "a number")
	if err != nil {
		return 0, err
	}
	switch size {
	case 1:
		return int64(b[0]), nil
	case 2:
		return int64(binary.LittleEndian.Uint16(b)), nil
	case 4:
		return int64(binary.LittleEndian.Uint32(b)), nil
	}
	n := binary.LittleEndian.Uint64(b)
	if n > 1<<62 {
		return 0, tooLarge("the pickle has a length of %d", n)
	}
	return int64(n), nil
}

// text reads a length of the given size and so many bytes. The length of Python 2's long strings is signed.
func (in *input) text(size int64, what string) (string, error) {
	n, err := in.uint(size)
	if err != nil {
		return "", err
	}
	if what == byteString && size == 4 {
		n = int64(int32(n))
	}
	b, err := in.take(n, what)
	return string(b), err
}

const byteString = "a byte string"

// line reads up to a newline.
func (in *input) line() (string, error) {
	const most = 1 << 10
	var out []byte
	for {
		b, err := in.byte()
		if err != nil {
			return "", err
		}
		if b == '\n' {
			return string(out), nil
		}
		if out = append(out, b); len(out) > most {
			return "", invalid("the pickle has a line of more than %d bytes", most)
		}
	}
}

// signed is a two's complement number, little-endian, of at most 8 bytes.
func signed(b []byte) int64 {
	n := int64(0)
	for i, c := range b {
		n |= int64(c) << (8 * i)
	}
	if len(b) > 0 && len(b) < 8 && b[len(b)-1]&0x80 != 0 {
		n -= 1 << (8 * len(b))
	}
	return n
}
