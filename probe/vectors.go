package probe

import "github.com/divinedevops/probe/detect"

// vectors are those that what needs no text is measured on: of the short texts, or of the images if the model takes nothing
// else. It is nil before either ran.
func (b *battery) vectors() [][]float32 {
	switch {
	case b.short != nil && b.short.complete:
		return b.short.vectors
	case b.short == nil && b.shown != nil:
		return b.shown.vectors
	}
	return nil
}

// measureDimension is the length of a vector.
func measureDimension(b *battery) detect.Finding {
	if v := b.vectors(); v != nil {
		return detect.Dimension(v)
	}
	return detect.Finding{}
}

// measureNormalization looks at the lengths of vectors.
func measureNormalization(b *battery) detect.Finding {
	if v := b.vectors(); v != nil {
		return detect.Normalization(v, b.info.ComputeType)
	}
	return detect.Finding{}
}
