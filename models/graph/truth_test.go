package graph

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights"
)

// tolerance is how far a vector's element may be from PyTorch's; the values are of the order of one.
const tolerance = 1e-5

// truth is testdata/graph/NAME.json: what PyTorch gave for the tiny model in testdata/graph/NAME.
type truth struct {
	Longest int64
	Hard    bool
	Cases   []truthCase
}

type truthCase struct {
	Name             string
	IDs, Mask, Types [][]int64
	Pixels           string
	PixelShape       []int64 `json:"pixel_shape"`
	Shape            []int64
	Hidden           string
	Output           string
}

// split parts the cases of the text tower from those of the image tower.
func (w truth) split() (texts, images truth) {
	for _, c := range w.Cases {
		if c.Pixels == "" {
			texts.Cases = append(texts.Cases, c)
		} else {
			images.Cases = append(images.Cases, c)
		}
	}
	return texts, images
}

func folder(name string) string { return filepath.Join(testenv.Root(), "testdata", "graph", name) }

func names(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(folder("*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("expected truth files in testdata/graph: %v", err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".json")
	}
	return files
}

func load(t *testing.T, name string) ([]byte, *weights.Set, truth) {
	t.Helper()
	config, err := os.ReadFile(filepath.Join(folder(name), "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := weights.Open(folder(name))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(folder(name) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var want truth
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	return config, set, want
}

var openORT = sync.OnceValues(func() (engine.Engine, error) {
	return ort.Open(filepath.Join(testenv.Root(), ".testenv", "lib", "libonnxruntime.so"))
})

// engines are those that this build has: ONNX Runtime first, where cgo is on, and pure Go.
func engines(t *testing.T) []engine.Engine {
	t.Helper()
	if !ort.Built {
		return []engine.Engine{gomlx.New()}
	}
	return []engine.Engine{fast(t), gomlx.New()}
}

// fast is ONNX Runtime, or pure Go if the build has no cgo. The library is loaded once for all tests of the package.
func fast(t *testing.T) engine.Engine {
	t.Helper()
	if !ort.Built {
		return gomlx.New()
	}
	testenv.ONNXRuntime(t)
	e, err := openORT()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func floats(t *testing.T, text string) []float32 {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float32, len(raw)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return out
}

func flat(rows [][]int64) tensor.Tensor {
	return tensor.NewInt64(slices.Concat(rows...), int64(len(rows)), int64(len(rows[0])))
}

// feed is the inputs it asks for.
func (c truthCase) feed(t *testing.T, g engine.Graph) []tensor.Named {
	t.Helper()
	var out []tensor.Named
	for _, in := range g.Inputs {
		switch in.Name {
		case InputIDs:
			out = append(out, tensor.Named{Name: in.Name, Tensor: flat(c.IDs)})
		case AttentionMask:
			out = append(out, tensor.Named{Name: in.Name, Tensor: flat(c.Mask)})
		case TokenTypeIDs:
			out = append(out, tensor.Named{Name: in.Name, Tensor: flat(c.Types)})
		default:
			out = append(out, tensor.Named{Name: in.Name, Tensor: tensor.NewFloat32(floats(t, c.Pixels), c.PixelShape...)})
		}
	}
	return out
}

// difference is the largest difference from truth over all tokens of all cases, NaN counting as infinite. Padding does
// not count: nothing reads its states.
func difference(t *testing.T, e engine.Engine, g engine.Graph, want truth) (float64, error) {
	t.Helper()
	session, err := e.Open(context.Background(), g, engine.Options{Threads: 1})
	if err != nil {
		return 0, err
	}
	defer session.Close()
	worst := 0.0
	for _, c := range want.Cases {
		output := c.Output
		if output == "" {
			output = LastHiddenState
		}
		got, err := session.Run(context.Background(), c.feed(t, g), []string{output})
		if err != nil {
			return 0, fmt.Errorf("%s: %w", c.Name, err)
		}
		if !slices.Equal(got[0].Shape, c.Shape) {
			return 0, fmt.Errorf("%s: shape %v, expected %v", c.Name, got[0].Shape, c.Shape)
		}
		expected := floats(t, c.Hidden)
		dim := int(c.Shape[len(c.Shape)-1])
		for i, x := range expected {
			if len(c.Mask) > 0 && len(c.Shape) == 3 && slices.Concat(c.Mask...)[i/dim] == 0 {
				continue
			}
			d := math.Abs(float64(got[0].F32[i] - x))
			if !(d <= worst) {
				worst = d
			}
		}
	}
	return worst, nil
}

// TestTruth builds every model of testdata/graph and compares its token states with PyTorch's, on both engines.
func TestTruth(t *testing.T) {
	t.Parallel()
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, weights, want := load(t, name)
			result, err := Build(config, weights)
			if err != nil {
				t.Fatal(err)
			}
			if result.MaxTokens != want.Longest || result.MaxTokensHard != want.Hard {
				t.Errorf("longest %d (hard %v), expected %d (%v)", result.MaxTokens, result.MaxTokensHard, want.Longest, want.Hard)
			}
			texts, images := want.split()
			for _, e := range engines(t) {
				compare(t, e, result.Graph, texts)
			}
			if len(images.Cases) == 0 {
				return
			}
			if result, err = BuildImage(config, weights); err != nil {
				t.Fatal(err)
			}
			for _, e := range engines(t) {
				compare(t, e, result.Graph, images)
			}
		})
	}
}

// compare runs one engine and reports how far it is from truth.
func compare(t *testing.T, e engine.Engine, g engine.Graph, want truth) {
	t.Helper()
	got, err := difference(t, e, g, want)
	if err != nil {
		t.Errorf("%s: %v", e.Name(), err)
	} else if !(got <= tolerance) {
		t.Errorf("%s differs from PyTorch by %g, expected at most %g", e.Name(), got, tolerance)
	} else {
		t.Logf("%s: %.2g", e.Name(), got)
	}
}
