package pixels

import (
	"fmt"
	"image"
	"math"
)

// Processor is an image processor of transformers with its settings.
type Processor struct {
	// Type is the class, such as CLIPImageProcessor, without the endings Fast and Pil.
	Type string
	// ConvertRGB accepts images that are grey or have alpha (do_convert_rgb).
	ConvertRGB bool
	// Resize, then CenterCrop, say whether these steps are done, with what follows them.
	Resize   bool
	Size     Size
	Resample Filter
	// CenterCrop cuts the middle of CropHeight x CropWidth out, or pads to it with black.
	CenterCrop            bool
	CropHeight, CropWidth int
	// Rescale multiplies each value from 0 to 255 by Factor.
	Rescale bool
	Factor  float64
	// Normalize subtracts Mean and divides by Std, per channel.
	Normalize bool
	Mean, Std [3]float64
}

// Size is what an image is resized to: Height x Width, or the shorter side to Shortest, the other in proportion and at
// most Longest where that is not 0.
type Size struct {
	Height, Width, Shortest, Longest int
}

// target is the height and width that an image is resized to. It truncates and rounds halves to
// even in the same places as Python.
func (s Size) target(height, width int) (int, int) {
	switch {
	case s.Shortest == 0:
		return s.Height, s.Width
	case s.Longest == 0:
		short, long := min(height, width), max(height, width)
		other := int(float64(s.Shortest*long) / float64(short))
		if width <= height {
			return other, s.Shortest
		}
		return s.Shortest, other
	}
	return s.bounded(height, width)
}

// bounded is transformers' get_size_with_aspect_ratio.
func (s Size) bounded(height, width int) (int, int) {
	short, long := float64(min(height, width)), float64(max(height, width))
	size, raw := s.Shortest, float64(s.Shortest)
	if long/short*raw > float64(s.Longest) {
		raw = float64(s.Longest) * short / long
		size = int(math.RoundToEven(raw))
	}
	switch {
	case height <= width && height == size || width <= height && width == size:
		return height, width
	case width < height:
		return int(raw * float64(height) / float64(width)), size
	}
	return size, int(raw * float64(width) / float64(height))
}

// Output is the height and width of every image's pixel values; 0, 0 if they depend on the image.
func (p *Processor) Output() (height, width int) {
	switch {
	case p.CenterCrop:
		return p.CropHeight, p.CropWidth
	case p.Resize && p.Size.Shortest == 0:
		return p.Size.Height, p.Size.Width
	}
	return 0, 0
}

// Pixels are the pixel values of one image: 3 x Height x Width, red, green and blue.
type Pixels struct {
	Values        []float32
	Height, Width int
}

// Process makes the pixel values of an image. It fails for images that have no or too many pixels, before or after
// resizing, and for grey or transparent ones if ConvertRGB is off.
func (p *Processor) Process(m image.Image) (*Pixels, error) {
	b := m.Bounds()
	if err := checkSize(b.Dx(), b.Dy()); err != nil {
		return nil, err
	}
	if !p.ConvertRGB && !isRGB(m) {
		return nil, fmt.Errorf("expected an image of three channels because %s does not convert to RGB, found %T", p.Type, m)
	}
	return p.Apply(Convert(m))
}

// Apply is Process for an image that is RGB already.
func (p *Processor) Apply(m *RGB) (*Pixels, error) {
	if p.Resize {
		height, width := p.Size.target(m.Height, m.Width)
		if err := checkSize(width, height); err != nil {
			return nil, fmt.Errorf("resizing %d x %d: %w", m.Width, m.Height, err)
		}
		m = m.resize(width, height, p.Resample)
	}
	if p.CenterCrop {
		m = m.crop(p.CropWidth, p.CropHeight)
	}
	return p.values(m), nil
}

// values lays the channels one after the other and rescales and normalizes them: in float32, but for the product with
// Factor, as transformers does it with NumPy.
func (p *Processor) values(m *RGB) *Pixels {
	area := m.Width * m.Height
	out := &Pixels{make([]float32, 3*area), m.Height, m.Width}
	for c := range 3 {
		var table [256]float32
		for v := range table {
			x := float32(v)
			if p.Rescale {
				x = float32(float64(v) * p.Factor)
			}
			if p.Normalize {
				x = (x - float32(p.Mean[c])) / float32(p.Std[c])
			}
			table[v] = x
		}
		to := out.Values[c*area : (c+1)*area]
		for i := range to {
			to[i] = table[m.Pix[i*3+c]]
		}
	}
	return out
}

// isRGB reports whether an image has three channels and nothing else.
func isRGB(m image.Image) bool {
	switch m := m.(type) {
	case *image.Gray, *image.Gray16, *image.CMYK, *image.Paletted, *image.Alpha, *image.Alpha16:
		return false
	case interface{ Opaque() bool }:
		return m.Opaque()
	}
	return true
}
