package pixels

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
)

// truthDoc is testdata/images/truth.json.gz.
type truthDoc struct {
	Converted []struct {
		File          string
		Width, Height int
		RGB           []byte
	}
	Resized []struct {
		Filter   Filter
		From, To [2]int
		Source   []byte
		RGB      []byte
	}
	Processed []struct {
		What      string
		Config    map[string]json.RawMessage
		ModelType string `json:"model_type"`
		File      string
		Class     string
		Shape     [3]int
		Step      int
		Values    string
	}
}

func images(elem ...string) string {
	return filepath.Join(append([]string{testenv.Root(), "testdata", "images"}, elem...)...)
}

func readTruth(t *testing.T) *truthDoc {
	t.Helper()
	f, err := os.Open(images("truth.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // only read
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var doc truthDoc
	if err := json.NewDecoder(z).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Converted) < 20 || len(doc.Resized) < 80 || len(doc.Processed) < 30 {
		t.Fatalf("expected the whole truth, found %d, %d and %d cases", len(doc.Converted), len(doc.Resized), len(doc.Processed))
	}
	return &doc
}

func open(t *testing.T, name string) *RGB {
	t.Helper()
	data, err := os.ReadFile(images("files", name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return Convert(m)
}

// farthest is the largest difference of two bytes.
func farthest(t *testing.T, got, want []byte) int {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d bytes, want %d", len(got), len(want))
	}
	d := 0
	for i, v := range got {
		d = max(d, int(v)-int(want[i]), int(want[i])-int(v))
	}
	return d
}

// TestConvert holds decoding and the way to RGB against Pillow. Lossless files are exact; JPEG leaves decoders free in
// rounding the samples, of which three make a colour.
func TestConvert(t *testing.T) {
	t.Parallel()
	for _, c := range readTruth(t).Converted {
		t.Run(c.File, func(t *testing.T) {
			t.Parallel()
			got := open(t, c.File)
			if got.Width != c.Width || got.Height != c.Height {
				t.Fatalf("%d x %d, want %d x %d", got.Width, got.Height, c.Width, c.Height)
			}
			tolerance := 0
			if strings.HasSuffix(c.File, ".jpg") {
				tolerance = 3
			}
			if d := farthest(t, got.Pix, c.RGB); d > tolerance {
				t.Errorf("off by %d of 255, tolerance %d", d, tolerance)
			}
		})
	}
}

// TestResize holds every filter against Pillow, bit for bit.
func TestResize(t *testing.T) {
	t.Parallel()
	var source []byte
	for _, c := range readTruth(t).Resized {
		if c.Source != nil {
			source = c.Source
		}
		from := &RGB{source, c.From[0], c.From[1]}
		t.Run(fmt.Sprintf("%s %v to %v", c.Filter, c.From, c.To), func(t *testing.T) {
			t.Parallel()
			got := from.resize(c.To[0], c.To[1], c.Filter)
			if d := farthest(t, got.Pix, c.RGB); d != 0 {
				t.Errorf("off by %d of 255", d)
			}
		})
	}
}

// TestProcess holds whole processors against transformers.
func TestProcess(t *testing.T) {
	t.Parallel()
	for _, c := range readTruth(t).Processed {
		t.Run(c.What, func(t *testing.T) {
			t.Parallel()
			p, err := Parse(c.Config, c.ModelType)
			if err != nil {
				t.Fatal(err)
			}
			if p.Type != strings.TrimSuffix(c.Class, "Pil") {
				t.Errorf("%s, want %s", p.Type, c.Class)
			}
			got, err := p.Apply(open(t, c.File))
			if err != nil {
				t.Fatal(err)
			}
			if shape := [3]int{3, got.Height, got.Width}; shape != c.Shape {
				t.Fatalf("%v, want %v", shape, c.Shape)
			}
			if h, w := p.Output(); h != 0 && (h != got.Height || w != got.Width) {
				t.Errorf("%d x %d, announced %d x %d", got.Height, got.Width, h, w)
			}
			raw, err := base64.StdEncoding.DecodeString(c.Values)
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(raw)/4; i++ {
				want := math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
				if v := got.Values[i*c.Step]; math.Abs(float64(v-want)) > 1e-6*max(1, math.Abs(float64(want))) {
					t.Fatalf("value %d is %v, want %v", i*c.Step, v, want)
				}
			}
		})
	}
}
