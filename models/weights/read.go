package weights

import (
	"encoding/binary"
	"math"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights/stored"
)

// MaxRead is the most bytes that one tensor read into memory may have.
const MaxRead = 1 << 30

// Raw returns the bytes of a tensor, little-endian, read from its file or made.
//
// Errors are *failure.Error of stage load: KindTooLarge beyond MaxRead, KindTruncated if the file became shorter, and
// those of the function that makes them.
func Raw(t stored.Tensor) ([]byte, error) {
	if t.Length > MaxRead {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTooLarge,
			"%s: tensor %q has %d bytes, more than the %d that are read into memory", t.File.Path, t.Name, t.Length, MaxRead)
	}
	if t.Make != nil {
		return makeRaw(t)
	}
	f, err := folder.OpenRegular(t.File.Resolved)
	if err != nil {
		return nil, stored.OpenError(t.File.Path, err)
	}
	defer f.Close()
	raw := make([]byte, t.Length)
	if _, err := f.ReadAt(raw, t.Offset); err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTruncated,
			"%s: expected %d bytes of tensor %q: %w", t.File.Path, t.Length, t.Name, err)
	}
	return raw, nil
}

func makeRaw(t stored.Tensor) ([]byte, error) {
	raw, err := t.Make()
	if err == nil && int64(len(raw)) != t.Length {
		err = failure.Errorf(failure.StageLoad, failure.KindInternal,
			"%s: tensor %q: expected %d bytes to be made, found %d", t.File.Path, t.Name, t.Length, len(raw))
	}
	return raw, err
}

// Float32s reads one tensor of any floating-point type as float32 (float64 is rounded), with its shape, for the small
// ones that are not part of the graph: the Dense modules of sentence-transformers.
//
// Errors are those of Raw, and KindMissingTensor, KindInvalidFormat for a type that is not floating-point.
func (s *Set) Float32s(name string) ([]float32, []int64, error) {
	t, err := s.float(name)
	if err != nil {
		return nil, nil, err
	}
	raw, err := Raw(t)
	if err != nil {
		return nil, nil, err
	}
	out := make([]float32, t.Elements())
	decode(out, raw, t.DType)
	return out, t.Shape, nil
}

// Int64s reads one tensor of int64 or int32 elements, such as model2vec's mapping from token ids to rows.
//
// Errors are those of Raw, and KindMissingTensor, KindInvalidFormat for another type.
func (s *Set) Int64s(name string) ([]int64, error) {
	t, err := s.need(name)
	if err != nil {
		return nil, err
	}
	if t.DType != tensor.Int64 && t.DType != tensor.Int32 {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
			"%s: tensor %q is %s; expected int64 or int32", t.File.Path, name, t.Type)
	}
	raw, err := Raw(t)
	if err != nil {
		return nil, err
	}
	out := make([]int64, t.Elements())
	for i := range out {
		if t.DType == tensor.Int64 {
			out[i] = int64(binary.LittleEndian.Uint64(raw[8*i:]))
		} else {
			out[i] = int64(int32(binary.LittleEndian.Uint32(raw[4*i:])))
		}
	}
	return out, nil
}

func (s *Set) need(name string) (stored.Tensor, error) {
	t, ok := s.Lookup(name)
	if !ok {
		return t, failure.Errorf(failure.StageLoad, failure.KindMissingTensor,
			"%s: expected a tensor %q", s.Path(), name)
	}
	return t, nil
}

func (s *Set) float(name string) (stored.Tensor, error) {
	t, err := s.need(name)
	if err == nil && !t.DType.Float() {
		err = failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
			"%s: tensor %q is %s; expected float32, float16, bfloat16 or float64", t.File.Path, t.Name, t.Type)
	}
	return t, err
}

// decode converts little-endian elements of a floating-point type, or 8-bit whole numbers as they are.
func decode(dst []float32, raw []byte, d tensor.DType) {
	for i := range dst {
		switch d {
		case tensor.Float16:
			dst[i] = tensor.HalfToFloat32(binary.LittleEndian.Uint16(raw[2*i:]))
		case tensor.BFloat16:
			dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw[2*i:])) << 16)
		case tensor.Int8:
			dst[i] = float32(int8(raw[i]))
		case tensor.Uint8:
			dst[i] = float32(raw[i])
		case tensor.Float64:
			dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:])))
		default:
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	}
}
