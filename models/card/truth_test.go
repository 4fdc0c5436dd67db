package card_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/source"
)

// write makes a model folder of the files, each JSON, raw bytes or text, and returns it as a source would.
func write(t testing.TB, files map[string]any) *source.Source {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var data []byte
		switch content := content.(type) {
		case string:
			data = []byte(content)
		case json.RawMessage:
			data = content
		default:
			t.Fatalf("%s: content of type %T", name, content)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return &source.Source{Kind: source.KindFolder, Dir: dir, ModelDir: dir}
}

// TestTruth compares with what sentence-transformers itself made of the same files (testdata/make_truth.py).
func TestTruth(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		Cases []struct {
			Name     string
			Files    map[string]json.RawMessage
			Expected struct {
				MaxSeqLength      int      `json:"max_seq_length"`
				Modules           []string `json:"modules"`
				Pooling           []pooling.Mode
				IncludePrompt     bool `json:"include_prompt"`
				Dimension         int
				Prompts           map[string]string
				DefaultPromptName string `json:"default_prompt_name"`
				Similarity        string
			}
		}
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	if len(truth.Cases) < 30 {
		t.Fatalf("expected at least 30 cases, found %d", len(truth.Cases))
	}
	for _, c := range truth.Cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			files := map[string]any{}
			for name, content := range c.Files {
				files[name] = content
			}
			got, err := card.Read(write(t, files))
			if err != nil {
				t.Fatal(err)
			}
			want := c.Expected
			if got.EffectiveMaxLength.Tokens != want.MaxSeqLength {
				t.Errorf("max_seq_length: got %+v, want %d", got.EffectiveMaxLength, want.MaxSeqLength)
			}
			var kinds []string
			var modes []pooling.Mode
			for _, m := range got.Modules {
				kinds = append(kinds, string(m.Kind))
				if m.Pooling != nil {
					modes = m.Pooling.Modes
				}
			}
			if diff := cmp.Diff(want.Modules, kinds); diff != "" {
				t.Errorf("modules (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want.Pooling, modes); diff != "" {
				t.Errorf("pooling (-want +got):\n%s", diff)
			}
			if got.IncludePrompt != want.IncludePrompt {
				t.Errorf("include_prompt: got %v", got.IncludePrompt)
			}
			if got.EmbeddingDimension == nil || got.EmbeddingDimension.Value != want.Dimension {
				t.Errorf("dimension: got %+v, want %d", got.EmbeddingDimension, want.Dimension)
			}
			if got.Prompts != nil {
				for name, text := range got.Prompts.Value {
					if want.Prompts[name] != text {
						t.Errorf("prompt %q: got %q, want %q", name, text, want.Prompts[name])
					}
				}
			}
			if text := got.DefaultPrompt(); text != want.Prompts[want.DefaultPromptName] {
				t.Errorf("default prompt: got %q, want %q", text, want.Prompts[want.DefaultPromptName])
			}
			similarity := ""
			if got.Similarity != nil {
				similarity = got.Similarity.Value
			}
			if similarity != want.Similarity {
				t.Errorf("similarity: got %q, want %q", similarity, want.Similarity)
			}
		})
	}
}

// TestZoo compares with zoo.json, which the zoo's maker wrote from its own recipes.
func TestZoo(t *testing.T) {
	t.Parallel()
	for _, m := range zoo(t) {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			src, err := source.Resolve(testenv.Zoo(m.Name), source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := card.Read(src)
			if err != nil {
				t.Fatal(err)
			}
			if !got.ModulesDeclared {
				return // a bare graph declares nothing of the below
			}
			if got.EmbeddingDimension != nil && got.EmbeddingDimension.Value != m.Dimension {
				t.Errorf("dimension: got %+v, want %d", got.EmbeddingDimension, m.Dimension)
			}
			if got.Normalization == nil || got.Normalization.Value != m.Normalization {
				t.Errorf("normalization: got %+v, want %s", got.Normalization, m.Normalization)
			}
			if got.Pooling != nil && m.Pooling != "in_graph" {
				var names []string
				for _, mode := range got.Pooling.Value {
					names = append(names, string(mode))
				}
				if joined := strings.Join(names, "+"); joined != m.Pooling {
					t.Errorf("pooling: got %s, want %s", joined, m.Pooling)
				}
			}
			if m.Name == "onnx-fixed-shape" {
				return // its graph ends before the declared limit, which is for the measurement to find
			}
			if got.EffectiveMaxLength.Tokens != m.MaxSequenceLength {
				t.Errorf("max_seq_length: got %+v, want %d", got.EffectiveMaxLength, m.MaxSequenceLength)
			}
		})
	}
}

type zooModel struct {
	Name, Family, Pooling, Normalization string
	Artifacts                            []string
	Dimension                            int
	MaxSequenceLength                    int `json:"max_sequence_length"`
}

func zoo(t testing.TB) []zooModel {
	t.Helper()
	data, err := os.ReadFile(testenv.Zoo("zoo.json"))
	if err != nil {
		t.Fatal(err)
	}
	var z struct{ Models []zooModel }
	if err := json.Unmarshal(data, &z); err != nil {
		t.Fatal(err)
	}
	if len(z.Models) == 0 {
		t.Fatal("zoo.json names no model")
	}
	return z.Models
}
