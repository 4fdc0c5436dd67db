package onnx

import (
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// What a file may ask of the reader. Real graphs stay far below: the largest exports of embedding models have some 20,000
// nodes.
const (
	maxNodes       = 1 << 20  // nodes in all graphs and functions
	maxTensors     = 1 << 19  // tensors that hold data
	maxRank        = 64       // dimensions of a tensor or value
	maxValues      = 1 << 16  // declared inputs, and outputs
	maxNesting     = 32       // graphs within attributes of nodes of graphs
	maxNameLength  = 1 << 16  // bytes of one name
	maxNames       = 64 << 20 // bytes of all names that are kept
	maxFields      = 50 << 20 // protobuf fields that are looked at
	maxFilePayload = 1 << 50  // bytes that a tensor may claim to have
	maxFunctions   = 1 << 16  // model-local functions
)

// readAhead is small, for most reads come after a jump over a tensor's data.
const readAhead = 16 << 10

var (
	errTooLarge  = errors.New("beyond what is accepted")
	errTruncated = errors.New("the file ends too soon")
)

// wire walks a serialized protobuf message by position; it never holds more than readAhead bytes of it.
// Source: https://protobuf.dev/programming-guides/encoding/.
type wire struct {
	r      io.ReaderAt
	pos    int64
	limit  int64 // end of the message that is being read
	size   int64 // end of the file
	fields int

	buf   []byte
	start int64 // position of buf[0]
}

func newWire(r io.ReaderAt, size int64) *wire {
	return &wire{r: r, limit: size, size: size, buf: make([]byte, 0, readAhead)}
}

// fill makes at least one byte at pos available and gives the bytes from pos on, within the current message.
func (w *wire) fill() ([]byte, error) {
	if w.pos >= w.limit {
		return nil, w.overrun()
	}
	if w.pos < w.start || w.pos >= w.start+int64(len(w.buf)) {
		n, err := w.r.ReadAt(w.buf[:cap(w.buf)], w.pos)
		if n == 0 {
			if err == nil || errors.Is(err, io.EOF) {
				err = errTruncated // it became shorter while it was read
			}
			return nil, err
		}
		w.start, w.buf = w.pos, w.buf[:n]
	}
	b := w.buf[w.pos-w.start:]
	return b[:min(int64(len(b)), w.limit-w.pos)], nil
}

// overrun is the error for a message that ends within a field: a file that was cut, or bytes that are no protobuf.
func (w *wire) overrun() error {
	if w.limit == w.size {
		return errTruncated
	}
	return fmt.Errorf("a field runs over the end of its message at byte %d", w.pos)
}

func (w *wire) varint() (uint64, error) {
	var v uint64
	for shift := 0; ; {
		b, err := w.fill()
		if err != nil {
			return 0, err
		}
		for i, c := range b {
			if shift == 63 && c > 1 {
				return 0, fmt.Errorf("a number of more than 64 bits at byte %d", w.pos)
			}
			v |= uint64(c&0x7f) << shift
			if c < 0x80 {
				w.pos += int64(i + 1)
				return v, nil
			}
			shift += 7
		}
		w.pos += int64(len(b))
	}
}

// length reads the prefix of a length-delimited field and checks that so many bytes follow.
func (w *wire) length() (int64, error) {
	n, err := w.varint()
	if err != nil {
		return 0, err
	}
	if n > uint64(w.limit-w.pos) {
		return 0, w.overrun()
	}
	return int64(n), nil
}

// bytes reads a length-delimited field of at most limit bytes.
func (w *wire) bytes(limit int64) ([]byte, error) {
	n, err := w.length()
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, fmt.Errorf("a name of %d bytes at byte %d: %w (%d)", n, w.pos, errTooLarge, limit)
	}
	out := make([]byte, 0, n)
	for int64(len(out)) < n {
		b, err := w.fill()
		if err != nil {
			return nil, err
		}
		b = b[:min(int64(len(b)), n-int64(len(out)))]
		out = append(out, b...)
		w.pos += int64(len(b))
	}
	return out, nil
}

// skip passes over a field's value.
func (w *wire) skip(t protowire.Type) error {
	var n int64
	switch t {
	case protowire.VarintType:
		_, err := w.varint()
		return err
	case protowire.Fixed64Type:
		n = 8
	case protowire.Fixed32Type:
		n = 4
	case protowire.BytesType:
		var err error
		if n, err = w.length(); err != nil {
			return err
		}
	default: // groups are not in onnx.proto3, and were never written
		return fmt.Errorf("wire type %d at byte %d, which no ONNX file has", t, w.pos)
	}
	if n > w.limit-w.pos {
		return w.overrun()
	}
	w.pos += n
	return nil
}

// message reads the fields of a length-delimited message, whose length comes next.
func (w *wire) message(field func(protowire.Number, protowire.Type) error) error {
	n, err := w.length()
	if err != nil {
		return err
	}
	outer := w.limit
	w.limit = w.pos + n
	err = w.each(field)
	w.limit = outer
	return err
}

// each reads fields up to the end of the current message. What field leaves unread is an error of its own, so it calls
// skip for the fields it does not know.
func (w *wire) each(field func(protowire.Number, protowire.Type) error) error {
	for w.pos < w.limit {
		if w.fields++; w.fields > maxFields {
			return fmt.Errorf("more than %d fields: %w", maxFields, errTooLarge)
		}
		at := w.pos
		tag, err := w.varint()
		if err != nil {
			return err
		}
		number, t := protowire.Number(tag>>3), protowire.Type(tag&7)
		if tag>>3 == 0 || tag>>3 > uint64(protowire.MaxValidNumber) {
			return fmt.Errorf("no protobuf field at byte %d", at)
		}
		if err := field(number, t); err != nil {
			return err
		}
	}
	return nil
}

// packed reads a repeated int64 field in either spelling: one number, or a length and numbers.
func (w *wire) packed(t protowire.Type, each func(int64) error) error {
	if t == protowire.VarintType {
		v, err := w.varint()
		if err != nil {
			return err
		}
		return each(int64(v))
	}
	if t != protowire.BytesType {
		return w.skip(t)
	}
	n, err := w.length()
	if err != nil {
		return err
	}
	outer := w.limit
	w.limit = w.pos + n
	defer func() { w.limit = outer }()
	for w.pos < w.limit {
		v, err := w.varint()
		if err != nil {
			return err
		}
		if err := each(int64(v)); err != nil {
			return err
		}
	}
	return nil
}
