package detect

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
)

// The shape of a fingerprint: FingerprintTexts texts of 8 bits each. The prefix names the texts, the projections and their
// seeds together; a change to any of them is another prefix.
const (
	FingerprintTexts  = 8
	fingerprintPrefix = "f1:"
	bitsOfText        = 8
	fingerprintBits   = FingerprintTexts * bitsOfText
)

// unsureMargin is how near 0 a projection must be, in standard deviations of a projection, for its bit to count as unsure.
// It is a hundred times what engines differ by (RunTolerance): a bit that is sure is the same everywhere.
const unsureMargin = 1e-3

// The values of FingerprintEvidence.Inputs.
const (
	InputsTexts = "texts"
	InputsIDs   = "ids" // token ids drawn at random, for a model without a tokenizer
)

// FingerprintEvidence is what a fingerprint rests on.
type FingerprintEvidence struct {
	Texts     int    `json:"texts"`     // texts that were run, each alone
	Dimension int    `json:"dimension"` // of their vectors
	Inputs    string `json:"inputs"`    // "texts", or "ids" for a model without a tokenizer
	// Unsure is a mask of the bits, in hexadecimal, whose projection is too near 0 to be the same on every engine.
	Unsure string `json:"unsure"`
	// Margin is the smallest absolute projection, in standard deviations of a projection of a random direction.
	Margin float64 `json:"margin"`
}

var _ = register(FingerprintEvidence{})

// Summary is what the code was made from: "8 texts, margin 0.066".
func (e FingerprintEvidence) Summary() string {
	return fmt.Sprintf("%d %s, margin %.2g", e.Texts, e.Inputs, e.Margin)
}

// Fingerprint is a short code of what a model does, not of its files: 64 signs of fixed random projections (Charikar, STOC
// 2002: each differs with probability angle/pi). vectors are those of 8 fixed inputs, each run alone, texts x dim; inputs
// names them. Each vector is L2-normalized and the mean of the eight taken off, so that neither a missing normalization
// nor a common direction counts; then it is projected on 8 vectors of +1 and -1, drawn by PCG from the numbers of text and
// bit. Value is "f1:" and 16 hexadecimal digits; nil where the vectors are all alike, or not of 8 texts. The same weights give the same
// code on every engine, format and machine, but for bits that Unsure marks; a quantized model's is near, any other model's
// is 32 bits off, give or take 4. Confidence is the share of sure bits.
func Fingerprint(vectors [][]float32, inputs string) Finding {
	e := FingerprintEvidence{Texts: len(vectors), Inputs: inputs}
	switch {
	case len(vectors) != FingerprintTexts:
		return undetermined(e, fmt.Sprintf("a fingerprint takes %d texts, each run alone", FingerprintTexts))
	case !sameWidth(vectors):
		return undetermined(e, "the vectors differ in length")
	case !allFinite(vectors):
		return undetermined(e, nonFinite)
	}
	e.Dimension = len(vectors[0])
	centred, ok := centre(vectors)
	if !ok {
		return undetermined(e, "the vectors do not depend on the input")
	}
	var code, unsure uint64
	e.Margin = math.Inf(1)
	for i, v := range centred {
		for j := range bitsOfText {
			p := project(v, uint64(i), uint64(j))
			code, unsure = code<<1, unsure<<1
			if p > 0 {
				code |= 1
			}
			if math.Abs(p) < unsureMargin {
				unsure |= 1
			}
			e.Margin = min(e.Margin, math.Abs(p))
		}
	}
	e.Unsure = fmt.Sprintf("%016x", unsure)
	sure := float64(fingerprintBits-bits.OnesCount64(unsure)) / fingerprintBits
	return Finding{Value: fmt.Sprintf("%s%016x", fingerprintPrefix, code), Confidence: sure, Evidence: e}
}

// centre normalizes vectors, takes their mean off and normalizes again; ok is false where one has no direction left.
func centre(vectors [][]float32) (out [][]float64, ok bool) {
	mean := make([]float64, len(vectors[0]))
	for _, v := range vectors {
		scale := norm(v)
		if scale == 0 {
			return nil, false
		}
		unit := make([]float64, len(v))
		for k, x := range v {
			unit[k] = float64(x) / scale
			mean[k] += unit[k] / float64(len(vectors))
		}
		out = append(out, unit)
	}
	for _, v := range out {
		sum := 0.0
		for k := range v {
			v[k] -= mean[k]
			sum += v[k] * v[k]
		}
		// Below this the direction is that of rounding.
		if sum < 1e-8 {
			return nil, false
		}
		for k := range v {
			v[k] /= math.Sqrt(sum)
		}
	}
	return out, true
}

// project is the inner product of v with the signs of one text and bit, each sign a bit of the generator's output.
func project(v []float64, text, bit uint64) float64 {
	r := rand.NewPCG(text, bit)
	sum, word := 0.0, uint64(0)
	for k, x := range v {
		if k%64 == 0 {
			word = r.Uint64()
		}
		if word&1 == 1 {
			x = -x
		}
		word >>= 1
		sum += x
	}
	return sum
}

// FingerprintDistance counts the bits in which two fingerprints differ, 0 to 64; ok is false where either is none, or of
// another version.
func FingerprintDistance(a, b string) (differing int, ok bool) {
	x, okX := fingerprintCode(a)
	y, okY := fingerprintCode(b)
	return bits.OnesCount64(x ^ y), okX && okY
}

func fingerprintCode(s string) (code uint64, ok bool) {
	digits, found := strings.CutPrefix(s, fingerprintPrefix)
	code, err := strconv.ParseUint(digits, 16, 64)
	return code, found && err == nil && len(digits) == fingerprintBits/4
}
