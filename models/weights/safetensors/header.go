package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// types are the element types of the format (safetensors' Dtype): bits of one element, and the engine's type if it
// has one.
var types = map[string]struct {
	bits  int64
	dtype tensor.DType
}{
	"BOOL": {8, tensor.Bool}, "U8": {8, tensor.Uint8}, "I8": {8, tensor.Int8},
	"U16": {16, tensor.Uint16}, "I16": {16, tensor.Int16}, "F16": {16, tensor.Float16}, "BF16": {16, tensor.BFloat16},
	"U32": {32, tensor.Uint32}, "I32": {32, tensor.Int32}, "F32": {32, tensor.Float32},
	"U64": {64, tensor.Uint64}, "I64": {64, tensor.Int64}, "F64": {64, tensor.Float64},
	"F4": {4, tensor.Undefined}, "F6_E2M3": {6, tensor.Undefined}, "F6_E3M2": {6, tensor.Undefined},
	"F8_E5M2": {8, tensor.Undefined}, "F8_E4M3": {8, tensor.Undefined}, "F8_E8M0": {8, tensor.Undefined},
	"F8_E4M3FNUZ": {8, tensor.Undefined}, "F8_E5M2FNUZ": {8, tensor.Undefined}, "C64": {64, tensor.Undefined},
}

// parse reads the header with a token decoder, for encoding/json's own maps hide a name that comes twice.
func (f *File) parse(header []byte) error {
	if len(header) == 0 || header[0] != '{' {
		return f.invalid("the header must begin with {, found %q", firstBytes(header))
	}
	if !utf8.Valid(header) {
		return f.invalid("the header is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(header))
	d.UseNumber()
	f.index = map[string]int{}
	seen := map[string]bool{}
	err := object(d, func(name string) error {
		if seen[name] {
			return fmt.Errorf("the name %q comes twice", name)
		}
		seen[name] = true
		if name == "__metadata__" {
			return f.parseMetadata(d)
		}
		t, err := parseTensor(d)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		t.Name, t.File = name, f
		f.Tensors = append(f.Tensors, t)
		return nil
	})
	if err == nil {
		err = onlySpaces(d, header)
	}
	if err != nil {
		return f.invalid("%w", err)
	}
	return f.place()
}

// place checks that the tensors fill the rest of the file exactly, and makes their offsets absolute.
func (f *File) place() error {
	slices.SortStableFunc(f.Tensors, func(a, b TensorInfo) int {
		if a.Offset != b.Offset {
			return compare(a.Offset, b.Offset)
		}
		return compare(a.Length, b.Length)
	})
	end, last := int64(0), ""
	space := f.Size - f.DataOffset
	for i := range f.Tensors {
		t := &f.Tensors[i]
		switch {
		case t.Offset < end:
			return f.invalid("tensors %q and %q overlap (at byte %d of the data)", last, t.Name, t.Offset)
		case t.Offset > end:
			return f.invalid("a hole of %d bytes before tensor %q", t.Offset-end, t.Name)
		case t.Length > space-t.Offset:
			return failure.Errorf(failure.StageLoad, failure.KindTruncated,
				"%s: tensor %q (%d bytes) ends past the end of the file; download it again",
				f.Path, t.Name, t.Length)
		}
		end, last = t.Offset+t.Length, t.Name
		t.Offset += f.DataOffset
		f.index[t.Name] = i
	}
	if end != space {
		return f.invalid("%d bytes after the last tensor that no tensor covers", space-end)
	}
	return nil
}

func compare(a, b int64) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// parseTensor reads {"dtype":..., "shape":[...], "data_offsets":[begin,end]} and checks the three against each other.
// The offset is still relative to the data.
func parseTensor(d *json.Decoder) (TensorInfo, error) {
	var t TensorInfo
	var offsets []int64
	seen := map[string]bool{}
	err := object(d, func(key string) error {
		if seen[key] {
			return fmt.Errorf("%q comes twice", key)
		}
		seen[key] = true
		var err error
		switch key {
		case "dtype":
			t.Type, err = str(d)
		case "shape":
			t.Shape, err = ints(d, MaxRank)
		case "data_offsets":
			offsets, err = ints(d, 2)
		default:
			err = fmt.Errorf("unknown key %q; expected dtype, shape and data_offsets", key)
		}
		return err
	})
	if err != nil {
		return t, err
	}
	typ, ok := types[t.Type]
	switch {
	case !seen["dtype"] || !seen["shape"] || !seen["data_offsets"]:
		return t, errors.New("expected dtype, shape and data_offsets")
	case !ok:
		return t, fmt.Errorf("unknown dtype %q", t.Type)
	case len(offsets) != 2 || offsets[0] > offsets[1]:
		return t, fmt.Errorf("data_offsets must be [begin, end] with begin <= end, found %v", offsets)
	}
	t.DType = typ.dtype
	bits := typ.bits
	for _, n := range t.Shape {
		if n != 0 && bits > (1<<62)/n {
			return t, fmt.Errorf("shape %v is too large", t.Shape)
		}
		bits *= n
	}
	t.Offset, t.Length = offsets[0], offsets[1]-offsets[0]
	if bits%8 != 0 || bits/8 != t.Length {
		return t, fmt.Errorf("shape %v of %s needs %d bytes, data_offsets give %d", t.Shape, t.Type, (bits+7)/8, t.Length)
	}
	return t, nil
}

func (f *File) parseMetadata(d *json.Decoder) error {
	f.Metadata = map[string]string{}
	return object(d, func(key string) error {
		value, err := str(d)
		if err != nil {
			return fmt.Errorf("__metadata__ %q: %w", key, err)
		}
		f.Metadata[key] = value
		return nil
	})
}

func (f *File) invalid(format string, args ...any) error {
	return failure.Errorf(failure.StageLoad, failure.KindInvalidFormat, "%s: %w", f.Path, fmt.Errorf(format, args...))
}

// object reads one JSON object; member is called with each key and must read its value.
func object(d *json.Decoder, member func(key string) error) error {
	if err := delim(d, '{'); err != nil {
		return err
	}
	for d.More() {
		key, err := str(d)
		if err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
	}
	return delim(d, '}')
}

func delim(d *json.Decoder, want json.Delim) error {
	tok, err := token(d)
	if err != nil {
		return err
	}
	if tok != want {
		return fmt.Errorf("expected %v in the JSON, found %v", want, tok)
	}
	return nil
}

func str(d *json.Decoder) (string, error) {
	tok, err := token(d)
	if err != nil {
		return "", err
	}
	s, ok := tok.(string)
	if !ok {
		return "", fmt.Errorf("expected a string, found %v", tok)
	}
	return s, nil
}

// ints reads an array of at most limit whole numbers that are not negative.
func ints(d *json.Decoder, limit int) ([]int64, error) {
	if err := delim(d, '['); err != nil {
		return nil, err
	}
	out := []int64{}
	for d.More() {
		tok, err := token(d)
		if err != nil {
			return nil, err
		}
		number, ok := tok.(json.Number)
		if !ok {
			return nil, fmt.Errorf("expected a whole number, found %v", tok)
		}
		n, err := strconv.ParseUint(number.String(), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("expected a whole number from 0 to 2^63-1, found %s", number)
		}
		if len(out) == limit {
			return nil, fmt.Errorf("expected at most %d numbers", limit)
		}
		out = append(out, int64(n))
	}
	return out, delim(d, ']')
}

func token(d *json.Decoder) (json.Token, error) {
	tok, err := d.Token()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the JSON ends too soon")
	}
	return tok, err
}

// onlySpaces checks that nothing but the padding that writers add follows the object.
func onlySpaces(d *json.Decoder, header []byte) error {
	for i, c := range header[d.InputOffset():] {
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return fmt.Errorf("expected only spaces after the header's object, found %q at byte %d", c, int(d.InputOffset())+i)
		}
	}
	return nil
}

func firstBytes(b []byte) []byte { return b[:min(len(b), 8)] }
