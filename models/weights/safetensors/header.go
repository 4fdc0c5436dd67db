package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights/internal/strict"
	"github.com/divinedevops/probe/models/weights/stored"
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

// parse reads the header token by token, because encoding/json's own maps hide a name that comes twice.
func (f *reader) parse(header []byte) error {
	if len(header) == 0 || header[0] != '{' {
		return f.invalid("the header must begin with {, found %q", firstBytes(header))
	}
	if !utf8.Valid(header) {
		return f.invalid("the header is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(header))
	d.UseNumber()
	seen := map[string]bool{}
	err := strict.Object(d, func(name string) error {
		if seen[name] {
			return fmt.Errorf("the name %q comes twice", name)
		}
		seen[name] = true
		if name == "__metadata__" {
			return checkMetadata(d)
		}
		t, err := parseTensor(d)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		t.Name = name
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
func (f *reader) place() error {
	slices.SortStableFunc(f.Tensors, func(a, b stored.Tensor) int {
		if a.Offset != b.Offset {
			return cmp.Compare(a.Offset, b.Offset)
		}
		return cmp.Compare(a.Length, b.Length)
	})
	end, last := int64(0), ""
	space := f.Size - f.dataOffset
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
		t.Offset += f.dataOffset
	}
	if end != space {
		return f.invalid("%d bytes after the last tensor that no tensor covers", space-end)
	}
	return nil
}

// parseTensor reads {"dtype":..., "shape":[...], "data_offsets":[begin,end]} and checks the three against each other.
// The offset is still relative to the data.
func parseTensor(d *json.Decoder) (stored.Tensor, error) {
	var t stored.Tensor
	var offsets []int64
	seen := map[string]bool{}
	err := strict.Object(d, func(key string) error {
		if seen[key] {
			return fmt.Errorf("%q comes twice", key)
		}
		seen[key] = true
		var err error
		switch key {
		case "dtype":
			t.Type, err = strict.String(d)
		case "shape":
			t.Shape, err = strict.Ints(d, stored.MaxRank)
		case "data_offsets":
			offsets, err = strict.Ints(d, 2)
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
		return t, fmt.Errorf("shape %v of %s needs %d bytes, data_offsets span %d", t.Shape, t.Type, (bits+7)/8, t.Length)
	}
	return t, nil
}

// checkMetadata reads the __metadata__ object, which may hold nothing but strings; nobody needs them.
func checkMetadata(d *json.Decoder) error {
	return strict.Object(d, func(key string) error {
		if _, err := strict.String(d); err != nil {
			return fmt.Errorf("__metadata__ %q: %w", key, err)
		}
		return nil
	})
}

func (f *reader) invalid(format string, args ...any) error {
	return failure.Errorf(failure.StageLoad, failure.KindInvalidFormat, "%s: %w", f.Path, fmt.Errorf(format, args...))
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
