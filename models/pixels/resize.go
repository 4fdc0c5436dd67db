package pixels

import "math"

// RGB is an image of height x width x 3 bytes, row by row, without alpha.
type RGB struct {
	Pix           []uint8
	Width, Height int
}

// precision is the number of fractional bits of a weight: 8 bits are the pixel's, 2 keep the sum from overflowing.
const precision = 32 - 8 - 2

// resize scales to width x height with a filter, as PIL.Image.resize does for mode RGB: rows and columns one after the
// other, each rounded to 8 bits.
func (m *RGB) resize(width, height int, f Filter) *RGB {
	if width == m.Width && height == m.Height {
		return m
	}
	if f == Nearest {
		return m.nearest(width, height)
	}
	if columnsFirst(m.Width, m.Height, width, height) {
		m = m.resampleColumns(height, f)
	}
	if width != m.Width {
		m = m.resampleRows(width, f)
	}
	if height != m.Height {
		m = m.resampleColumns(height, f)
	}
	return m
}

// columnsFirst reports which order Pillow 13 uses (older ones always began with the rows): the columns come first where
// that takes clearly more away. The order shows in the rounding between the two.
func columnsFirst(width, height, toWidth, toHeight int) bool {
	return toHeight < height && height-toHeight > 2*(width-toWidth)
}

// weights are those of one output pixel: of the input pixels from first on, in units of 2^-precision.
type weights struct {
	first int
	of    []int32
}

// resampling returns the weights of each of out pixels made from in pixels.
func resampling(in, out int, f Filter) []weights {
	kernel, support := f.kernel()
	scale := float64(in) / float64(out)
	stretch := max(scale, 1) // a filter is stretched to cover all input pixels, never shrunk
	support *= stretch
	list := make([]weights, out)
	var exact []float64
	for i := range list {
		center := (float64(i) + 0.5) * scale
		first := max(0, int(center-support+0.5))
		last := min(in, int(center+support+0.5))
		exact = exact[:0]
		sum := 0.0
		for x := first; x < last; x++ {
			w := kernel((float64(x) - center + 0.5) * (1 / stretch))
			exact = append(exact, w)
			sum += w
		}
		w := weights{first, make([]int32, len(exact))}
		for k, v := range exact {
			if sum != 0 {
				v /= sum
			}
			w.of[k] = int32(v*(1<<precision) + math.Copysign(0.5, v))
		}
		list[i] = w
	}
	return list
}

const half = 1 << (precision - 1)

func (m *RGB) resampleRows(width int, f Filter) *RGB {
	out := &RGB{make([]uint8, width*m.Height*3), width, m.Height}
	list := resampling(m.Width, width, f)
	for y := range m.Height {
		row, to := m.Pix[y*m.Width*3:], out.Pix[y*width*3:]
		for x, w := range list {
			r, g, b := int32(half), int32(half), int32(half)
			from := row[w.first*3:]
			for k, c := range w.of {
				r += int32(from[k*3]) * c
				g += int32(from[k*3+1]) * c
				b += int32(from[k*3+2]) * c
			}
			to[x*3], to[x*3+1], to[x*3+2] = clip(r), clip(g), clip(b)
		}
	}
	return out
}

func (m *RGB) resampleColumns(height int, f Filter) *RGB {
	stride := m.Width * 3
	out := &RGB{make([]uint8, stride*height), m.Width, height}
	sums := make([]int32, stride)
	for y, w := range resampling(m.Height, height, f) {
		for i := range sums {
			sums[i] = half
		}
		for k, c := range w.of {
			row := m.Pix[(w.first+k)*stride:][:stride]
			for i, v := range row {
				sums[i] += int32(v) * c
			}
		}
		to := out.Pix[y*stride:][:stride]
		for i, v := range sums {
			to[i] = clip(v)
		}
	}
	return out
}

// clip takes the whole part of a sum, between 0 and 255.
func clip(v int32) uint8 { return uint8(max(0, min(255, v>>precision))) }

// nearest takes for each pixel the one at its centre; positions are summed up step by step, as Pillow does, because their
// rounding is part of the result.
func (m *RGB) nearest(width, height int) *RGB {
	columns, rows := centres(m.Width, width), centres(m.Height, height)
	out := &RGB{make([]uint8, width*height*3), width, height}
	for y, from := range rows {
		for x, column := range columns {
			copy(out.Pix[(y*width+x)*3:][:3], m.Pix[(from*m.Width+column)*3:][:3])
		}
	}
	return out
}

func centres(in, out int) []int {
	step := float64(in) / float64(out)
	at := step * 0.5
	list := make([]int, out)
	for i := range list {
		list[i] = min(int(at), in-1)
		at += step
	}
	return list
}
