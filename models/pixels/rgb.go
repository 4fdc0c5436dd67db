package pixels

import (
	"image"
	"image/color"
)

// Convert returns an image as RGB, as transformers 5 does before anything else: what is transparent is laid over white with
// Pillow's alpha_composite, of 16 bits a colour the upper 8 are taken, palettes are looked up, grey is repeated.
func Convert(m image.Image) *RGB {
	b := m.Bounds()
	out := &RGB{make([]uint8, b.Dx()*b.Dy()*3), b.Dx(), b.Dy()}
	at := pixelOf(m)
	i := 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := at(x, y)
			out.Pix[i], out.Pix[i+1], out.Pix[i+2] = over(c.R, c.A), over(c.G, c.A), over(c.B, c.A)
			i += 3
		}
	}
	return out
}

// pixelOf reads an image's pixels with straight alpha, without a detour through 16 bits if its type is a common one.
func pixelOf(m image.Image) func(x, y int) color.NRGBA {
	switch m := m.(type) {
	case *image.NRGBA:
		return m.NRGBAAt
	case *image.Gray:
		return func(x, y int) color.NRGBA {
			v := m.GrayAt(x, y).Y
			return color.NRGBA{v, v, v, 255}
		}
	case *image.YCbCr:
		return ycbcr(m)
	case *image.Gray16:
		return func(x, y int) color.NRGBA {
			// Pillow does not scale 16 bits of grey to 8, it cuts them off: what is above 255 is white.
			v := uint8(min(255, m.Gray16At(x, y).Y))
			return color.NRGBA{v, v, v, 255}
		}
	case *image.CMYK:
		return func(x, y int) color.NRGBA {
			c := m.CMYKAt(x, y)
			return color.NRGBA{ink(c.C, c.K), ink(c.M, c.K), ink(c.Y, c.K), 255}
		}
	case *image.Paletted:
		table := make([]color.NRGBA, 256)
		for i := range table {
			table[i] = color.NRGBA{A: 255} // an index that the palette lacks is black
			if i < len(m.Palette) {
				table[i] = straight(m.Palette[i])
			}
		}
		return func(x, y int) color.NRGBA { return table[m.ColorIndexAt(x, y)] }
	}
	return func(x, y int) color.NRGBA { return straight(m.At(x, y)) }
}

func straight(c color.Color) color.NRGBA {
	switch c := c.(type) {
	case color.NRGBA:
		return c
	case color.NRGBA64:
		return color.NRGBA{uint8(c.R >> 8), uint8(c.G >> 8), uint8(c.B >> 8), uint8(c.A >> 8)}
	}
	n, ok := color.NRGBAModel.Convert(c).(color.NRGBA)
	if !ok {
		return color.NRGBA{A: 255}
	}
	return n
}

// ink is Pillow's conversion of CMYK without a profile: what neither the ink nor the black takes away.
func ink(v, k uint8) uint8 {
	white := 255 - int(k)
	return uint8(max(0, white-divide255(int(v)*white+128)))
}

// divide255 divides by 255, for values to which 128 was added for rounding (Pillow's SHIFTFORDIV255).
func divide255(v int) int { return (v>>8 + v) >> 8 }

// over lays a value with alpha over white, in the arithmetic of Pillow's AlphaComposite.c: 7 more bits than a byte.
func over(v, alpha uint8) uint8 {
	if alpha == 255 {
		return v
	}
	own := int(alpha) << 7
	return uint8(divide255(int(v)*own+255*(255<<7-own)+128<<7) >> 7)
}
