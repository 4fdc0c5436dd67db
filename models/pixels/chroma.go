package pixels

import (
	"image"
	"image/color"
)

// ycbcr reads the pixels of a JPEG. Where colour is stored at half the resolution, it is interpolated as libjpeg-turbo
// does, which Pillow uses ("fancy upsampling", jdsample.c): three parts of the nearer sample, one of the farther.
func ycbcr(m *image.YCbCr) func(x, y int) color.NRGBA {
	width, height := m.Rect.Dx(), m.Rect.Dy()
	samples := (width + 1) / 2
	halfHeight := m.SubsampleRatio == image.YCbCrSubsampleRatio420
	if m.Rect.Min != (image.Point{}) || samples <= 2 || !halfHeight && m.SubsampleRatio != image.YCbCrSubsampleRatio422 {
		return func(x, y int) color.NRGBA {
			c := m.YCbCrAt(x, y)
			return opaque(c.Y, c.Cb, c.Cr)
		}
	}
	cb, cr := make([]uint8, 2*samples), make([]uint8, 2*samples)
	last := -1
	return func(x, y int) color.NRGBA {
		if y != last {
			near, far := y, y
			if halfHeight {
				near = y / 2
				far = max(0, min((height+1)/2-1, near-1+2*(y%2)))
			}
			for _, c := range []struct{ from, to []uint8 }{{m.Cb, cb}, {m.Cr, cr}} {
				widen(c.to, c.from[near*m.CStride:][:samples], c.from[far*m.CStride:][:samples], halfHeight)
			}
			last = y
		}
		return opaque(m.Y[y*m.YStride+x], cb[x], cr[x])
	}
}

// widen doubles a row of samples. The sum of a sample's weights is 4, or 16 where the row is one of two, near and far;
// the halves that rounding adds take turns, so that they do not all go one way.
func widen(to, near, far []uint8, twoRows bool) {
	shift, even, odd := 2, 1, 2
	at := func(i int) int { return int(near[i]) }
	if twoRows {
		shift, even, odd = 4, 8, 7
		at = func(i int) int { return 3*int(near[i]) + int(far[i]) }
	}
	for i := range near {
		// Beyond the ends the last sample goes on.
		before, here, after := at(max(0, i-1)), at(i), at(min(len(near)-1, i+1))
		to[2*i] = uint8((3*here + before + even) >> shift)
		to[2*i+1] = uint8((3*here + after + odd) >> shift)
	}
}

func opaque(y, cb, cr uint8) color.NRGBA {
	r, g, b := color.YCbCrToRGB(y, cb, cr)
	return color.NRGBA{r, g, b, 255}
}
