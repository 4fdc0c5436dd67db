package pixels

// crop takes the middle of a picture; where the picture is smaller, black goes around it. The odd pixel of a padding is
// before the picture, and so is that of what a crop leaves out behind it, as in transformers.image_transforms.center_crop.
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

// start is where the middle begins, negative where it begins before the picture: the floor of half the difference.
func start(have, want int) int {
	return (have - want) >> 1
}
