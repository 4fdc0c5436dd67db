package models

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// tokenBatch is the padded form of several texts: batch x seq, row-major.
type tokenBatch struct {
	batch, seq           int
	ids, mask, types, at []int64
}

// pad lays texts out as one batch of seq tokens, which no text exceeds. Positions count real tokens from 0, so that a
// text on the right of its padding has the positions that it has alone.
func pad(texts []Input, batch, seq int, left bool, padID, padType int64) tokenBatch {
	batch = max(batch, len(texts))
	n := batch * seq
	b := tokenBatch{batch, seq, make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)}
	for i := range b.ids {
		b.ids[i], b.types[i] = padID, padType
	}
	for row := range batch {
		// Rows that only fill a fixed batch repeat the first text: an all-padding row makes NaN in softmax.
		t := texts[0]
		if row < len(texts) {
			t = texts[row]
		}
		start := row * seq
		if left {
			start += seq - len(t.IDs)
		}
		for i := range t.IDs {
			b.ids[start+i], b.mask[start+i], b.at[start+i] = t.IDs[i], 1, int64(i)
			b.types[start+i] = 0
			if t.TypeIDs != nil {
				b.types[start+i] = t.TypeIDs[i]
			}
		}
	}
	return b
}

// tensors makes the graph's inputs for a batch of tokens, or of pixels if tokens is nil. What the graph asks for besides
// is fed neutrally: an empty past, no cache, zeros for the other modality.
func (f *feeds) tensors(tokens *tokenBatch, pixels *tensor.Tensor) ([]tensor.Named, error) {
	var out []tensor.Named
	for _, in := range f.all {
		t, err := in.tensor(f, tokens, pixels)
		if err != nil {
			return nil, err
		}
		out = append(out, tensor.Named{Name: in.info.Name, Tensor: t})
	}
	return out, nil
}

func (in feed) tensor(f *feeds, tokens *tokenBatch, pixels *tensor.Tensor) (tensor.Tensor, error) {
	switch in.role {
	case rolePixels:
		if pixels == nil {
			c, h, w := f.pixelSize()
			shape := []int64{int64(max(f.pixelBatch, 1)), int64(c), int64(h), int64(w)}
			return ofType(in.info.DType, make([]float32, shape[0]*shape[1]*shape[2]*shape[3]), shape)
		}
		return ofType(in.info.DType, pixels.F32, pixels.Shape)
	case roleCacheFlag:
		return tensor.Tensor{DType: tensor.Bool, Shape: []int64{1}, Raw: []byte{0}}, nil
	case roleTask:
		shape := make([]int64, len(in.info.Shape))
		for i := range shape {
			shape[i] = 1
		}
		return intsOfType(in.info, []int64{f.task}, shape)
	case roleUnread:
		return in.zeros(f, tokens)
	}
	if tokens == nil {
		// A graph of both modalities wants some text with its image: one token a row.
		n := max(f.batch, 1)
		one := pad([]Input{{IDs: []int64{0}}}, n, max(f.seq, 1), false, 0, 0)
		tokens = &one
	}
	shape := []int64{int64(tokens.batch), int64(tokens.seq)}
	switch in.role {
	case roleIDs:
		return intsOfType(in.info, tokens.ids, shape)
	case roleMask:
		return intsOfType(in.info, tokens.mask, shape)
	case roleTypeIDs:
		return intsOfType(in.info, tokens.types, shape)
	case rolePositions:
		return intsOfType(in.info, tokens.at, shape)
	}
	return in.emptyPast(tokens.batch)
}

// maxUnread is the most elements of an input that no node reads.
const maxUnread = 1 << 24

// zeros is a tensor for an input that no node reads. Open dimensions are the batch, then the sequence, then 1.
func (in feed) zeros(f *feeds, tokens *tokenBatch) (tensor.Tensor, error) {
	batch, seq := max(f.batch, f.pixelBatch, 1), max(f.seq, 1)
	if tokens != nil {
		batch, seq = tokens.batch, tokens.seq
	}
	shape := slices.Clone(in.info.Shape)
	n := int64(1)
	for i, d := range shape {
		if d < 0 {
			shape[i] = [...]int64{int64(batch), int64(seq), 1}[min(i, 2)]
		}
		if n *= shape[i]; n > maxUnread {
			return tensor.Tensor{}, failure.Errorf(failure.StageInference, failure.KindTooLarge,
				"input %s: expected at most %d elements for what no node reads, found the shape %v", in.info.Name, maxUnread, shape)
		}
	}
	return intsOfType(in.info, make([]int64, n), shape)
}

// emptyPast is a past of no tokens: the batch first, the declared sizes after it, and 0 for the dynamic length.
func (in feed) emptyPast(batch int) (tensor.Tensor, error) {
	s := in.info.Shape
	if len(s) < 3 || len(s) > 5 {
		return tensor.Tensor{}, failure.Errorf(failure.StageInference, failure.KindUnsupportedModel,
			"input %s: expected a past of rank 3 to 5, found %s", in.info.Name, describe([]tensor.Info{in.info}))
	}
	shape := make([]int64, len(s))
	empty := false
	for i, d := range s {
		switch {
		case i == 0:
			shape[i] = int64(batch)
		case d < 0:
			empty = true // the length of the past is the one other dynamic size
		default:
			shape[i] = d
		}
	}
	if !empty {
		return tensor.Tensor{}, failure.Errorf(failure.StageInference, failure.KindUnsupportedModel,
			"input %s: expected a past whose length is dynamic, found %s", in.info.Name,
			describe([]tensor.Info{in.info}))
	}
	return ofType(in.info.DType, []float32{}, shape)
}

// intsOfType returns int64 values as the type that a graph input declares; masks may be floating point or boolean.
func intsOfType(info tensor.Info, values []int64, shape []int64) (tensor.Tensor, error) {
	switch info.DType {
	case tensor.Int64:
		return tensor.NewInt64(values, shape...), nil
	case tensor.Int32:
		raw := make([]byte, 4*len(values))
		for i, v := range values {
			binary.LittleEndian.PutUint32(raw[4*i:], uint32(int32(v)))
		}
		return tensor.Tensor{DType: tensor.Int32, Shape: shape, Raw: raw}, nil
	case tensor.Bool:
		raw := make([]byte, len(values))
		for i, v := range values {
			if v != 0 {
				raw[i] = 1
			}
		}
		return tensor.Tensor{DType: tensor.Bool, Shape: shape, Raw: raw}, nil
	}
	floats := make([]float32, len(values))
	for i, v := range values {
		floats[i] = float32(v)
	}
	return ofType(info.DType, floats, shape)
}

// ofType returns float32 values as another floating-point type.
func ofType(d tensor.DType, values []float32, shape []int64) (tensor.Tensor, error) {
	switch d {
	case tensor.Float32:
		return tensor.NewFloat32(values, shape...), nil
	case tensor.Float16, tensor.BFloat16:
		raw := make([]byte, 2*len(values))
		for i, v := range values {
			h := tensor.Float32ToHalf(v)
			if d == tensor.BFloat16 {
				h = bfloat16(v)
			}
			binary.LittleEndian.PutUint16(raw[2*i:], h)
		}
		return tensor.Tensor{DType: d, Shape: shape, Raw: raw}, nil
	case tensor.Float64:
		raw := make([]byte, 8*len(values))
		for i, v := range values {
			binary.LittleEndian.PutUint64(raw[8*i:], math.Float64bits(float64(v)))
		}
		return tensor.Tensor{DType: d, Shape: shape, Raw: raw}, nil
	}
	return tensor.Tensor{}, failure.Errorf(failure.StageInference, failure.KindUnsupportedModel,
		"expected an input of integers or floating-point numbers, found %s", d)
}

// bfloat16 rounds to the nearest, ties to even.
func bfloat16(f float32) uint16 {
	b := math.Float32bits(f)
	if b&0x7fffffff > 0x7f800000 {
		return 0x7fc0
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}
