package detect

import (
	"encoding/binary"
	"math"
)

// norm is the L2 norm of v, summed in float64.
func norm(v []float32) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}

// dot is the inner product of two vectors of one length, summed in float64.
func dot(a, b []float32) float64 {
	sum := 0.0
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}

// cosine is the cosine similarity of two vectors of one length, 0 where either is zero.
func cosine(a, b []float32) float64 {
	scale := norm(a) * norm(b)
	if scale == 0 {
		return 0
	}
	return max(-1, min(1, dot(a, b)/scale))
}

// euclidean is the L2 distance of two vectors of one length.
func euclidean(a, b []float32) float64 {
	sum := 0.0
	for i, x := range a {
		d := float64(x) - float64(b[i])
		sum += d * d
	}
	return math.Sqrt(sum)
}

// relativeError is the L2 norm of got - want over that of want. Where want is zero it is 0 for a got of zeros and 1 for
// anything else.
func relativeError(got, want []float32) float64 {
	d, scale := euclidean(got, want), norm(want)
	switch {
	case scale > 0:
		return d / scale
	case d == 0:
		return 0
	}
	return 1
}

// isFinite reports whether no component of v is NaN or Inf.
func isFinite(v []float32) bool {
	for _, x := range v {
		if x-x != 0 { // NaN for NaN and for both infinities
			return false
		}
	}
	return true
}

func allFinite(vectors [][]float32) bool {
	for _, v := range vectors {
		if !isFinite(v) {
			return false
		}
	}
	return true
}

// sameWidth reports whether all vectors of all lists have one length, and that it is not 0.
func sameWidth(lists ...[][]float32) bool {
	width := 0
	for _, list := range lists {
		for _, v := range list {
			if width == 0 {
				width = len(v)
			}
			if len(v) != width || width == 0 {
				return false
			}
		}
	}
	return true
}

// bitString is a key that is equal for vectors of equal bits.
func bitString(v []float32) string {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return string(b)
}
