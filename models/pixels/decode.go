package pixels

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
)

// MaxPixels is the largest image that is decoded or made by resizing, in pixels: what Pillow takes without a warning of
// a decompression bomb (PIL.Image.MAX_IMAGE_PIXELS).
const MaxPixels = 89_478_485

// Decode reads a PNG, JPEG or GIF file (of a GIF the first frame) with the standard library. The size that the file states
// is checked before anything is decoded. Errors name the format and what was found.
func Decode(data []byte) (image.Image, error) {
	format := sniff(data)
	if format == nil {
		return nil, errors.New("expected a PNG, JPEG or GIF file, found neither's first bytes")
	}
	config, err := format.config(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("expected a %s file: %w", format.name, err)
	}
	if err := checkSize(config.Width, config.Height); err != nil {
		return nil, fmt.Errorf("%s: %w", format.name, err)
	}
	m, err := format.decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("expected a %s file: %w", format.name, err)
	}
	if p, ok := m.(*image.Paletted); ok && format.name == "GIF" {
		return onScreen(p, config.Width, config.Height), nil
	}
	return m, nil
}

// checkSize refuses images without pixels and with more than MaxPixels.
func checkSize(width, height int) error {
	if width < 1 || height < 1 || width > MaxPixels/height {
		return fmt.Errorf("expected an image of 1 to %d pixels, found %d x %d", MaxPixels, width, height)
	}
	return nil
}

// decoder is one format of files.
type decoder struct {
	name, magic string
	config      func(*bytes.Reader) (image.Config, error)
	decode      func(*bytes.Reader) (image.Image, error)
}

func sniff(data []byte) *decoder {
	for _, d := range []decoder{
		{
			"PNG", "\x89PNG\r\n\x1a\n",
			func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) },
		},
		{
			"JPEG", "\xff\xd8\xff",
			func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) },
		},
		{
			"GIF", "GIF8",
			func(r *bytes.Reader) (image.Config, error) { return gif.DecodeConfig(r) },
			func(r *bytes.Reader) (image.Image, error) { return gif.Decode(r) },
		},
	} {
		if bytes.HasPrefix(data, []byte(d.magic)) {
			return &d
		}
	}
	return nil
}

// onScreen lays a GIF's first frame on its logical screen, which is transparent elsewhere.
func onScreen(frame *image.Paletted, width, height int) image.Image {
	screen := image.Rect(0, 0, width, height)
	if frame.Rect == screen {
		return frame
	}
	out := image.NewNRGBA(screen)
	at := pixelOf(frame)
	part := frame.Rect.Intersect(screen)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			out.SetNRGBA(x, y, at(x, y))
		}
	}
	return out
}
