package torch

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/tensor"
)

// fixtures is the folder of the files that make.py and PyTorch itself wrote.
func fixtures() string { return filepath.Join(testenv.Root(), "testdata", "weights") }

// state is what every fixture holds.
func state(t *testing.T) map[string]struct {
	Type  string
	Shape []int64
	Hex   string
} {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(fixtures(), "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]struct {
		Type  string
		Shape []int64
		Hex   string
	}
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestReadsWhatTorchWrites: zip and stream, pickle protocols 2 to 5, a parameter, tied weights, views, every type, a
// wrapped state dict; of make.py (which check_torch.py holds against PyTorch) and of torch.save.
func TestReadsWhatTorchWrites(t *testing.T) {
	t.Parallel()
	types := map[string]tensor.DType{
		"F32": tensor.Float32, "F16": tensor.Float16, "BF16": tensor.BFloat16, "F64": tensor.Float64, "I64": tensor.Int64,
		"I32": tensor.Int32, "I16": tensor.Int16, "I8": tensor.Int8, "U8": tensor.Uint8, "BOOL": tensor.Bool,
	}
	want := state(t)
	files, err := filepath.Glob(filepath.Join(fixtures(), "*.[bp][it]*"))
	if err != nil || len(files) < 12 {
		t.Fatalf("expected 12 fixtures, found %q (%v)", files, err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			f, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(f.Tensors) != len(want) {
				t.Errorf("%d tensors, expected %d", len(f.Tensors), len(want))
			}
			places := map[string]int64{}
			for _, got := range f.Tensors {
				w := want[got.Name]
				raw := hex.EncodeToString(data[got.Offset:][:got.Length])
				if got.DType != types[w.Type] || !slices.Equal(got.Shape, w.Shape) || raw != w.Hex {
					t.Errorf("%s: %s %v %s, expected %+v", got.Name, got.DType, got.Shape, raw, w)
				}
				places[got.Name] = got.Offset
			}
			if places["a.weight"] != places["b.weight"] || places["view"] != places["whole"]+24 {
				t.Errorf("tied weights and views must share their bytes: %v", places)
			}
		})
	}
}

// BenchmarkOpen reads heads of about 100 tensors of the real MiniLM, in both forms.
func BenchmarkOpen(b *testing.B) {
	for _, form := range []string{"zip", "legacy"} {
		b.Run(form, func(b *testing.B) {
			path := filepath.Join(testenv.TorchMiniLM(b, form), SingleName)
			for b.Loop() {
				if _, err := Open(path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
