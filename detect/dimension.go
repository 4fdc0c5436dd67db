package detect

import (
	"fmt"
	"sort"
)

// DimensionEvidence is what the dimension rests on.
type DimensionEvidence struct {
	Texts  int   `json:"texts"`  // vectors looked at
	Widths []int `json:"widths"` // every length seen, ascending
	// ConstantComponents are the components that hold one and the same number for every text, and ZeroComponents those
	// among them that hold 0: numbers that are stored and say nothing. Both are null with fewer than two texts.
	ConstantComponents *int `json:"constant_components"`
	ZeroComponents     *int `json:"zero_components"`
}

var _ = register(DimensionEvidence{})

// Summary is what is special about the components: "12 of them always 0"; "" for nothing.
func (e DimensionEvidence) Summary() string {
	switch {
	case e.ZeroComponents != nil && *e.ZeroComponents > 0:
		return fmt.Sprintf("%d of them always 0", *e.ZeroComponents)
	case e.ConstantComponents != nil && *e.ConstantComponents > 0:
		return fmt.Sprintf("%d of them always the same", *e.ConstantComponents)
	}
	return ""
}

// Dimension is the length of the vectors. Value is nil where there are none, or where their lengths differ. Confidence is
// the rule of succession over the texts.
func Dimension(vectors [][]float32) Finding {
	e := DimensionEvidence{Texts: len(vectors), Widths: []int{}}
	seen := map[int]bool{}
	for _, v := range vectors {
		if !seen[len(v)] {
			seen[len(v)] = true
			e.Widths = append(e.Widths, len(v))
		}
	}
	sort.Ints(e.Widths)
	switch {
	case len(vectors) == 0 || seen[0]:
		return undetermined(e, "there are no vectors")
	case len(e.Widths) > 1:
		return undetermined(e, "the vectors differ in length")
	}
	if len(vectors) > 1 {
		constant, zero := 0, 0
		for j, x := range vectors[0] {
			same := true
			for _, v := range vectors[1:] {
				same = same && v[j] == x
			}
			if same {
				constant++
			}
			if same && x == 0 {
				zero++
			}
		}
		e.ConstantComponents, e.ZeroComponents = &constant, &zero
	}
	return Finding{Value: e.Widths[0], Confidence: agreement(e.Texts, e.Texts), Evidence: e}
}
