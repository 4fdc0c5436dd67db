package safetensors

import (
	"encoding/binary"
	"os"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// Int64s reads one tensor of int64 or int32 elements, such as model2vec's mapping from token ids to rows.
//
// Errors are *failure.Error of stage load: KindMissingTensor, KindInvalidFormat for another type, KindTooLarge beyond
// MaxRead, KindTruncated where the file became shorter.
func (s *Set) Int64s(name string) ([]int64, error) {
	t, ok := s.Lookup(name)
	switch {
	case !ok:
		return nil, failure.Errorf(failure.StageLoad, failure.KindMissingTensor,
			"%s: expected a tensor %q", s.Files[0].Path, name)
	case t.DType != tensor.Int64 && t.DType != tensor.Int32:
		return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
			"%s: tensor %q is %s; expected int64 or int32", t.File.Path, name, t.Type)
	case t.Length > MaxRead:
		return nil, failure.Errorf(failure.StageLoad, failure.KindTooLarge,
			"%s: tensor %q has %d bytes, more than the %d that are read into memory", t.File.Path, name, t.Length, MaxRead)
	}
	f, err := os.Open(t.File.Resolved)
	if err != nil {
		return nil, openError(t.File.Path, err)
	}
	defer f.Close()
	raw := make([]byte, t.Length)
	if _, err := f.ReadAt(raw, t.Offset); err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTruncated,
			"%s: expected %d bytes of tensor %q: %w", t.File.Path, t.Length, name, err)
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
