package weights

import (
	"bytes"
	"io"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights/stored"
)

// Rows reads single rows of a matrix, for static embeddings (model2vec, StaticEmbedding): a probe of a few texts touches
// a few rows of the file. It is safe for concurrent use.
type Rows struct {
	info   stored.Tensor
	from   io.ReaderAt
	offset int64
	close  func() error
}

// Rows opens a matrix of any floating-point type, or of 8-bit whole numbers, for reading rows. Close must be called.
//
// Errors are *failure.Error of stage load: KindMissingTensor, KindInvalidFormat for any other type,
// and those of Raw for a tensor that is made, which is made as a whole.
func (s *Set) Rows(name string) (*Rows, error) {
	t, err := s.need(name)
	if err == nil && t.DType != tensor.Int8 && t.DType != tensor.Uint8 {
		t, err = s.float(name)
	}
	if err != nil {
		return nil, err
	}
	if t.Make != nil {
		raw, err := Raw(t)
		if err != nil {
			return nil, err
		}
		return &Rows{info: t, from: bytes.NewReader(raw), close: func() error { return nil }}, nil
	}
	f, err := folder.OpenRegular(t.File.Resolved)
	if err != nil {
		return nil, stored.OpenError(t.File.Path, err)
	}
	return &Rows{info: t, from: f, offset: t.Offset, close: f.Close}, nil
}

// Row reads row i of a matrix (rows x dim) into dst, whose length must be dim.
func (r *Rows) Row(dst []float32, i int64) error {
	shape := r.info.Shape
	if len(shape) != 2 || i < 0 || i >= shape[0] || int64(len(dst)) != shape[1] {
		return failure.Errorf(failure.StageLoad, failure.KindInternal,
			"tensor %q of shape %v has no row %d of %d", r.info.Name, shape, i, len(dst))
	}
	size := int64(r.info.DType.Size())
	raw := make([]byte, shape[1]*size)
	if _, err := r.from.ReadAt(raw, r.offset+i*shape[1]*size); err != nil {
		return failure.Errorf(failure.StageLoad, failure.KindTruncated,
			"%s: reading tensor %q: %w", r.info.File.Path, r.info.Name, err)
	}
	decode(dst, raw, r.info.DType)
	return nil
}

// Close closes the file.
func (r *Rows) Close() error { return r.close() }
