package safetensors

import (
	"encoding/binary"
	"math"
	"os"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// MaxRead is the most bytes that one tensor read into memory may have.
const MaxRead = 1 << 30

// Float32s reads one tensor of any floating-point type as float32 (float64 is rounded), for the small ones that are
// not part of the graph: the Dense modules of sentence-transformers.
//
// Errors are *failure.Error of stage load: KindMissingTensor, KindInvalidFormat for a type that is no float,
// KindTooLarge beyond MaxRead, KindTruncated where the file became shorter.
func (s *Set) Float32s(name string) ([]float32, []int64, error) {
	t, ok := s.Lookup(name)
	if !ok {
		return nil, nil, failure.Errorf(failure.StageLoad, failure.KindMissingTensor,
			"%s: expected a tensor %q", s.Files[0].Path, name)
	}
	rows, err := OpenRows(t)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if t.Length > MaxRead {
		return nil, nil, failure.Errorf(failure.StageLoad, failure.KindTooLarge,
			"%s: tensor %q has %d bytes, more than the %d that are read into memory", t.File.Path, name, t.Length, MaxRead)
	}
	out := make([]float32, t.Elements())
	return out, t.Shape, rows.read(out, 0)
}

// Rows reads single rows of a matrix from its file, for models that are a table of vectors (model2vec,
// StaticEmbedding): a probe of a few texts touches a few rows. It is safe for concurrent use.
type Rows struct {
	info TensorInfo
	file *os.File
}

// OpenRows opens the file of a floating-point tensor of any rank; Close it after use.
func OpenRows(t TensorInfo) (*Rows, error) {
	if !t.DType.Float() {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
			"%s: tensor %q is %s; expected float32, float16, bfloat16 or float64", t.File.Path, t.Name, t.Type)
	}
	f, err := os.Open(t.File.Resolved)
	if err != nil {
		return nil, openError(t.File.Path, err)
	}
	return &Rows{info: t, file: f}, nil
}

// Row reads row i of a matrix (rows x dim) into dst, whose length must be dim.
func (r *Rows) Row(dst []float32, i int64) error {
	shape := r.info.Shape
	if len(shape) != 2 || i < 0 || i >= shape[0] || int64(len(dst)) != shape[1] {
		return failure.Errorf(failure.StageLoad, failure.KindInternal,
			"tensor %q of shape %v has no row %d of %d", r.info.Name, shape, i, len(dst))
	}
	return r.read(dst, i*shape[1])
}

// Close closes the file.
func (r *Rows) Close() error { return r.file.Close() }

// read fills dst from element first on.
func (r *Rows) read(dst []float32, first int64) error {
	size := int64(r.info.DType.Size())
	raw := make([]byte, int64(len(dst))*size)
	if _, err := r.file.ReadAt(raw, r.info.Offset+first*size); err != nil {
		return failure.Errorf(failure.StageLoad, failure.KindTruncated,
			"%s: reading tensor %q: %w", r.info.File.Path, r.info.Name, err)
	}
	for i := range dst {
		switch r.info.DType {
		case tensor.Float16:
			dst[i] = tensor.HalfToFloat32(binary.LittleEndian.Uint16(raw[2*i:]))
		case tensor.BFloat16:
			dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw[2*i:])) << 16)
		case tensor.Float64:
			dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:])))
		default:
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	}
	return nil
}
