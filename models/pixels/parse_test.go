package pixels

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"os"
	"strings"
	"testing"
)

func fields(t testing.TB, doc string) map[string]json.RawMessage {
	t.Helper()
	var f map[string]json.RawMessage
	if err := json.Unmarshal([]byte(doc), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for doc, says := range map[string]string{
		`{"image_processor_type": "DonutImageProcessor"}`:       "DonutImageProcessor",
		`{"image_processor_type": "Siglip2ImageProcessorFast"}`: "Siglip2ImageProcessor",
		`{"image_processor_type": 3}`:                           "image_processor_type",
		`{"size": {"shortest_edge": 1e9}}`:                      "size",
		`{"size": {"longest_edge": 30}}`:                        "size",
		`{"size": {"height": 30}}`:                              "size",
		`{"size": [1, 2, 3]}`:                                   "size",
		`{"size": "big"}`:                                       "size",
		`{"size": null}`:                                        "size",
		`{"crop_size": -3}`:                                     "crop_size",
		`{"crop_size": null}`:                                   "crop_size",
		`{"crop_size": {"shortest_edge": 3}}`:                   "crop_size",
		`{"resample": 6}`:                                       "resample",
		`{"resample": 2.5}`:                                     "resample",
		`{"resample": "bicubic"}`:                               "resample",
		`{"do_resize": "yes"}`:                                  "do_resize",
		`{"image_mean": [1, 2]}`:                                "image_mean",
		`{"image_mean": null}`:                                  "image_mean",
		`{"image_std": [1, 0, 1]}`:                              "image_std",
		`{"image_std": 0}`:                                      "image_std",
		`{"do_pad": true}`:                                      "do_pad",
		`{"rescale_factor": "1/255"}`:                           "rescale_factor",
	} {
		if p, err := Parse(fields(t, doc), "clip"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: expected an error that says %s, found %+v, %v", doc, says, p, err)
		}
	}
	_, err := Parse(fields(t, `{"image_processor_type": "DonutImageProcessor"}`), "clip")
	if !errors.Is(err, ErrUnknown) {
		t.Errorf("expected ErrUnknown, found %v", err)
	}
	if _, err = Parse(nil, "bert"); !errors.Is(err, ErrUnknown) {
		t.Errorf("expected ErrUnknown, found %v", err)
	}
}

// TestProcessBounds tries images that would grow beyond all memory, that have no pixels, or that are not RGB.
func TestProcessBounds(t *testing.T) {
	t.Parallel()
	p, err := Parse(fields(t, `{"size": {"shortest_edge": 224}}`), "clip")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []image.Rectangle{image.Rect(0, 0, 1, 10000), image.Rect(0, 0, 10000, 1), {}} {
		if _, err := p.Process(image.NewGray(r)); err == nil {
			t.Errorf("%v: expected an error", r)
		}
	}
	vit, err := Parse(nil, "vit")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vit.Process(image.NewGray(image.Rect(0, 0, 2, 2))); err == nil {
		t.Error("expected ViTImageProcessor to refuse grey")
	}
	m := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	if _, err := vit.Process(m); err == nil {
		t.Error("expected ViTImageProcessor to refuse transparency")
	}
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	if got, err := vit.Process(m); err != nil || got.Height != 224 || got.Values[0] != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

// TestGIFFrame decodes a GIF whose first frame covers a part of the screen: the rest is transparent, and so white.
func TestGIFFrame(t *testing.T) {
	t.Parallel()
	frame := image.NewPaletted(image.Rect(1, 2, 3, 4), color.Palette{color.NRGBA{200, 10, 20, 255}, color.Black})
	var b bytes.Buffer
	file := &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 5, Height: 6}}
	if err := gif.EncodeAll(&b, file); err != nil {
		t.Fatal(err)
	}
	m, err := Decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got := Convert(m)
	if got.Width != 5 || got.Height != 6 || got.Pix[0] != 255 || got.Pix[(2*5+1)*3] != 200 || got.Pix[(2*5+1)*3+1] != 10 {
		t.Errorf("%d x %d: %v", got.Width, got.Height, got.Pix)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	huge, err := os.ReadFile(images("files", "rgb.png"))
	if err != nil {
		t.Fatal(err)
	}
	copy(huge[16:], "\x00\x01\x00\x00\x00\x01\x00\x00")
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "cut": huge[:20], "huge": huge, "webp": []byte("RIFF....WEBP"),
	} {
		if m, err := Decode(data); err == nil {
			t.Errorf("%s: expected an error, found %v", name, m.Bounds())
		}
	}
	// A GIF states its size without a checksum.
	big, err := os.ReadFile(images("files", "palette.gif"))
	if err != nil {
		t.Fatal(err)
	}
	copy(big[6:], "\xff\xff\xff\xff")
	if _, err := Decode(big); err == nil || !strings.Contains(err.Error(), "65535 x 65535") {
		t.Errorf("expected the size to be refused, found %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"tiny.png", "palette-alpha.png", "420.jpg", "transparent.gif"} {
		data, err := os.ReadFile(images("files", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Decode(data)
		if err != nil || m.Bounds().Dx()*m.Bounds().Dy() > 1<<16 {
			return
		}
		p := Standard("clip", 5, 7)
		if got, err := p.Process(m); err == nil && len(got.Values) != 3*5*7 {
			t.Fatalf("%d values", len(got.Values))
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(`{"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 20}, "crop_size": 8, "resample": 1}`)
	f.Add(`{"size": [3, 4], "do_center_crop": null, "image_mean": 0.5}`)
	f.Fuzz(func(t *testing.T, doc string) {
		var fields map[string]json.RawMessage
		if json.Unmarshal([]byte(doc), &fields) != nil {
			return
		}
		p, err := Parse(fields, "clip")
		if err != nil {
			return
		}
		got, err := p.Apply(&RGB{make([]uint8, 3*2*3), 3, 2})
		if err == nil && len(got.Values) != 3*got.Height*got.Width {
			t.Fatalf("%d values for %d x %d", len(got.Values), got.Height, got.Width)
		}
	})
}
