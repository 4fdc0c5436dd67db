package pixels

// crop takes the middle of an image; where the image is smaller, it is surrounded with black. The odd pixel of a padding is
// before the image, and the odd pixel that a crop leaves out is after it, as in transformers.image_transforms.center_crop.
func (m *RGB) crop(width, height int) *RGB {
	if width == m.Width && height == m.Height {
		return m
	}
	left, top := start(m.Width, width), start(m.Height, height)
	out := &RGB{make([]uint8, width*height*3), width, height}
	for y := range height {
		from := y + top
		if from < 0 || from >= m.Height {
			continue
		}
		begin, end := max(0, left), min(m.Width, left+width)
		copy(out.Pix[(y*width+begin-left)*3:], m.Pix[(from*m.Width+begin)*3:(from*m.Width+end)*3])
	}
	return out
}

// start is where the middle begins, negative where it begins before the image: the floor of half the difference.
func start(have, want int) int {
	return (have - want) >> 1
}
