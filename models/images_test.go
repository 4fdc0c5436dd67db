package models_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/models/pixels"
	"github.com/divinedevops/probe/models/source"
)

// imageTolerance is how far a component may be from PyTorch's, relative to the vector's length where that is above one.
const imageTolerance = 1e-5

var openORT = sync.OnceValues(func() (engine.Engine, error) {
	return ort.Open(filepath.Join(testenv.Root(), ".testenv", "lib", "libonnxruntime.so"))
})

// engines are those that this build has, by name. The library is loaded once for all tests of the package.
func engines(t *testing.T) map[string]engine.Engine {
	t.Helper()
	list := map[string]engine.Engine{"go": gomlx.New()}
	if ort.Built {
		testenv.ONNXRuntime(t)
		e, err := openORT()
		if err != nil {
			t.Fatal(err)
		}
		list["onnxruntime"] = e
	}
	return list
}

// openModel opens a model's folder; file names one of its .onnx files, "" takes the safetensors.
func openModel(t *testing.T, eng engine.Engine, folder, file string) models.Model {
	t.Helper()
	find := source.Options{ONNXFile: file, Env: func(string) string { return "" }}
	if file == "" {
		find.Prefer = source.FormatSafetensors
	}
	opened, err := models.Open(context.Background(), folder, models.Options{
		Source: find, Session: engine.Options{Threads: 1}, Engine: func(bool) (engine.Engine, error) { return eng, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Model.Close(); err != nil {
			t.Error(err)
		}
	})
	return opened.Model
}

// imagesOf asks a model for its image side.
func imagesOf(t *testing.T, m models.Model) models.Images {
	t.Helper()
	side, ok := models.As[models.Images](m)
	if !ok {
		t.Fatal("the model takes no images")
	}
	return side
}

// imageTruth is what a zoo model's truth says of images.
type imageTruth struct {
	PixelValues struct {
		File  string
		Shape [4]int
	} `json:"pixel_values"`
	Images      []*string
	ImageEmbeds [][]float64 `json:"image_embeds"`
}

func readImageTruth(t *testing.T, name string) (imageTruth, []*pixels.Pixels) {
	t.Helper()
	var want imageTruth
	data, err := os.ReadFile(testenv.Zoo(name + ".truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(testenv.Zoo(want.PixelValues.File))
	if err != nil {
		t.Fatal(err)
	}
	s := want.PixelValues.Shape
	list := make([]*pixels.Pixels, s[0])
	for i := range list {
		list[i] = &pixels.Pixels{Values: make([]float32, s[1]*s[2]*s[3]), Height: s[2], Width: s[3]}
		for j := range list[i].Values {
			list[i].Values[j] = math.Float32frombits(binary.LittleEndian.Uint32(raw))
			raw = raw[4:]
		}
	}
	return want, list
}

func picture(t *testing.T, path string) image.Image {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := pixels.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestImages holds the image side of the zoo's models against transformers: from the very pixel values, and from the
// images through the model's own preprocessing.
func TestImages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string
		normalized bool // the graph of both towers gives vectors of length one, transformers' towers do not
	}{
		{"clip", "", false}, {"clip", "onnx/text_model.onnx", false}, {"clip", "onnx/vision_model.onnx", false},
		{"clip", "onnx/model.onnx", true}, {"clip-st", "", false}, {"siglip", "", false},
	} {
		want, values := readImageTruth(t, c.name)
		if c.normalized {
			for _, v := range want.ImageEmbeds {
				normalize(v)
			}
		}
		for engineName, eng := range engines(t) {
			t.Run(strings.Join([]string{c.name, c.file, engineName}, "/"), func(t *testing.T) {
				t.Parallel()
				ctx := context.Background()
				e := imagesOf(t, openModel(t, eng, testenv.Zoo(c.name), c.file))
				got, err := e.RunPixels(ctx, values)
				if err != nil {
					t.Fatal(err)
				}
				compareImages(t, got, want.ImageEmbeds)
				var shown []image.Image
				var embeds [][]float64
				for i, name := range want.Images {
					if name != nil {
						shown = append(shown, picture(t, testenv.Zoo(*name)))
						embeds = append(embeds, want.ImageEmbeds[i])
					}
				}
				p, _, err := e.Processor(ctx)
				if err != nil {
					t.Fatal(err)
				}
				fed, err := models.Preprocess(p, shown)
				if err != nil {
					t.Fatal(err)
				}
				if got, err = e.RunPixels(ctx, fed); err != nil {
					t.Fatal(err)
				}
				compareImages(t, got, embeds)
			})
		}
	}
}

func normalize(v []float64) {
	norm := 0.0
	for _, x := range v {
		norm += x * x
	}
	for i := range v {
		v[i] /= math.Sqrt(norm)
	}
}

func compareImages(t *testing.T, got [][]float32, want [][]float64) {
	t.Helper()
	if len(got) != len(want) || len(got) == 0 {
		t.Fatalf("%d vectors, want %d", len(got), len(want))
	}
	for i := range got {
		if len(got[i]) != len(want[i]) {
			t.Fatalf("image %d: %d dimensions, want %d", i, len(got[i]), len(want[i]))
		}
		norm, d := 0.0, 0.0
		for j, v := range want[i] {
			norm += v * v
			d = max(d, math.Abs(float64(got[i][j])-v))
		}
		if d > imageTolerance*max(1, math.Sqrt(norm)) {
			t.Errorf("image %d: off by %.3g", i, d)
		}
	}
}

// TestProcessorErrors changes preprocessor_config.json of a model and asks for its processor.
func TestProcessorErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file string
		kind failure.Kind
		says string
	}{
		"unknown class": {`{"image_processor_type": "DonutImageProcessor"}`, failure.KindUnsupportedModel, "DonutImageProcessor"},
		"wrong value":   {`{"resample": 9}`, failure.KindInvalidConfig, "resample"},
		"other size":    {`{"size": {"height": 40, "width": 30}}`, failure.KindInvalidConfig, "30 x 30"},
		"pads":          {`{"do_pad": true}`, failure.KindInvalidConfig, "do_pad"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if err := os.CopyFS(folder, os.DirFS(testenv.Zoo("siglip"))); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, "preprocessor_config.json"), []byte(c.file), 0o644); err != nil {
				t.Fatal(err)
			}
			e := imagesOf(t, openModel(t, gomlx.New(), folder, ""))
			_, _, err := e.Processor(context.Background())
			var fault *failure.Error
			if !errors.As(err, &fault) || fault.Kind != c.kind || !strings.Contains(fault.Message, c.says) {
				t.Errorf("expected %s that says %q, found %v", c.kind, c.says, err)
			}
		})
	}
}

// TestImagesOfOtherSizes gives pixels of a size that the graph does not take, and of two sizes at once.
func TestImagesOfOtherSizes(t *testing.T) {
	t.Parallel()
	e := imagesOf(t, openModel(t, gomlx.New(), testenv.Zoo("siglip"), ""))
	of := func(side int) *pixels.Pixels {
		return &pixels.Pixels{Values: make([]float32, 3*side*side), Height: side, Width: side}
	}
	for says, list := range map[string][]*pixels.Pixels{"40 x 40": {of(40)}, "one size": {of(30), of(20)}} {
		_, err := e.RunPixels(context.Background(), list)
		var fault *failure.Error
		if !errors.As(err, &fault) || fault.Stage != failure.StageInference || !strings.Contains(fault.Message, says) {
			t.Errorf("expected an error that says %q, found %v", says, err)
		}
	}
}

// TestNoPreprocessor opens a model without the file: the usual way of its kind, in the size of its graph.
func TestNoPreprocessor(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(testenv.Zoo("siglip"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "preprocessor_config.json")); err != nil {
		t.Fatal(err)
	}
	e := imagesOf(t, openModel(t, gomlx.New(), folder, ""))
	p, _, err := e.Processor(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if h, w := p.Output(); p.Type != "SiglipImageProcessor" || h != 30 || w != 30 {
		t.Errorf("%s, %d x %d", p.Type, h, w)
	}
}
