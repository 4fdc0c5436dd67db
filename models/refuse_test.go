package models_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/models/tensor"
)

// edits are what is changed in a copy of a case: config.json's old words by new ones, and files to remove.
type edits struct {
	config []string
	remove []string
}

func changed(t *testing.T, name string, e edits) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(testenv.Root(), "testdata", "cases", name))); err != nil {
		t.Fatal(err)
	}
	if len(e.config) > 0 {
		path := filepath.Join(dir, "config.json")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer(e.config...).Replace(string(data))
		if text == string(data) {
			t.Fatalf("%s holds none of %q", path, e.config)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range e.remove {
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// run opens a model in pure Go and runs two texts.
func run(t *testing.T, ref string, asked pooling.Mode) (models.Info, error) {
	t.Helper()
	opened, err := models.Open(t.Context(), ref, models.Options{
		Source:  source.Options{Env: func(string) string { return "" }},
		Pooling: asked,
		Engine:  func(bool) (engine.Engine, error) { return gomlx.New(), nil },
	})
	if err != nil {
		return models.Info{}, err
	}
	defer func() {
		if err := errors.Join(opened.Model.Close(), opened.Engine.Close()); err != nil {
			t.Error(err)
		}
	}()
	ids, _ := models.As[models.TokenIDs](opened.Model)
	_, err = opened.Model.Run(t.Context(), ids.RandomInputs(1, 8, 12))
	return opened.Model.Info(), err
}

// TestRefusals: what is no embedding model is refused as what it is, whatever its files are called.
func TestRefusals(t *testing.T) {
	t.Parallel()
	const bert, classes = `"BertForSequenceClassification"`, `"architectures": [
    "BertForSequenceClassification"
  ],`
	for name, c := range map[string]struct {
		model string
		edits edits
		says  string
		stage failure.Stage
	}{
		"a reranker":                       {"reranker-weights", edits{}, "reranker", failure.StageLoad},
		"a reranker without architectures": {"reranker-weights", edits{config: []string{classes, ""}}, "reranker", failure.StageLoad},
		"a classifier of tokens": {"reranker-weights", edits{config: []string{bert, `"BertForTokenClassification"`}},
			"BertForTokenClassification", failure.StageLoad},
		"SPLADE": {"splade-graph", edits{}, "SPLADE", failure.StageLoad},
		"a generator's scores": {"splade-graph", edits{config: []string{"BertForMaskedLM", "BertLMHeadModel"}},
			"generator of text", failure.StageLoad},
		"SPLADE without config.json":   {"splade-graph", edits{remove: []string{"config.json"}}, "vocabulary", failure.StageInference},
		"ColBERT":                      {"token-vectors-graph", edits{remove: []string{"artifact.metadata"}}, "HF_ColBERT", failure.StageLoad},
		"ColBERT by artifact.metadata": {"token-vectors-graph", edits{config: []string{"HF_ColBERT", "BertModel"}}, "artifact.metadata", failure.StageLoad},
		"ColBERT by its vectors": {"token-vectors-graph", edits{config: []string{"HF_ColBERT", "BertModel"},
			remove: []string{"artifact.metadata"}}, "a vector a token", failure.StageInference},
		"ColBERT without config.json": {"token-vectors-graph", edits{remove: []string{"artifact.metadata", "config.json"}},
			"a vector a token", failure.StageInference},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := run(t, changed(t, c.model, c.edits), "")
			var refused *failure.Error
			if !errors.As(err, &refused) || refused.Kind != failure.KindNotEmbedding || refused.Stage != c.stage ||
				!strings.Contains(refused.Message, c.says) {
				t.Errorf("found %v, want %s at %s with %q", err, failure.KindNotEmbedding, c.stage, c.says)
			}
		})
	}
}

// TestCautions: what sentence-transformers takes as dense runs, with a word of what it was made for; a declaration of its
// pooling, or the user's, makes an embedding of token states.
func TestCautions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model string
		edits edits
		asked pooling.Mode
		says  string
	}{
		"states of a masked language model": {"bare-export", edits{config: []string{"BertModel", "BertForMaskedLM"}}, "", "masked language model"},
		"states of a classifier":            {"bare-export", edits{config: []string{"BertModel", "BertForSequenceClassification"}}, "", "classifier"},
		"a reranker's states as asked":      {"reranker-weights", edits{}, pooling.CLS, "reranker"},
		"weights with a head of no class":   {"reranker-weights", edits{config: []string{"BertForSequenceClassification", "BertModel"}}, "", "classifier.weight"},
		"token vectors as asked":            {"token-vectors-graph", edits{}, pooling.Mean, ""},
		"a plain model":                     {"bare-export", edits{}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			info, err := run(t, changed(t, c.model, c.edits), c.asked)
			if err != nil {
				t.Fatal(err)
			}
			said := strings.Join(info.Warnings, "; ")
			if c.says == "" && said != "" || !strings.Contains(said, c.says) {
				t.Errorf("warnings %q, want %q", said, c.says)
			}
		})
	}
}

// TestRefusedGraphs: graphs that give a vector a text are refused by what the vector is.
func TestRefusedGraphs(t *testing.T) {
	t.Parallel()
	const open = -1
	for name, c := range map[string]struct {
		width, declared int64 // of the output, and as the graph declares it
		after           []string
		says            string // "" for an embedding
		stage           failure.Stage
	}{
		"one score":                       {1, 1, nil, "one number", failure.StageLoad},
		"two scores":                      {2, 2, nil, "2 numbers", failure.StageLoad},
		"one score, of a shape left open": {1, open, nil, "one number", failure.StageInference},
		"probabilities by softmax":        {5, 5, []string{"Softmax"}, "softmax", failure.StageLoad},
		"probabilities, handed on":        {5, open, []string{"Softmax", "Identity"}, "softmax", failure.StageLoad},
		"probabilities in other words":    {5, open, []string{"Softmax", "Abs"}, "probabilities", failure.StageInference},
		"a score of each word":            {50, 50, nil, "vocabulary", failure.StageInference},
		"an embedding":                    {5, open, nil, "", ""},
		"an embedding of little":          {3, 3, []string{"Tanh"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := &onnx.Builder{Name: "g"}
			b.Input(tensor.Info{Name: "input_ids", DType: tensor.Int64, Shape: []int64{open, open}})
			b.Output(tensor.Info{Name: "y", DType: tensor.Float32, Shape: []int64{open, c.declared}})
			table := make([]float32, 50*4)
			for i := range table {
				table[i] = (float32(i%7) - 3) / 50
			}
			head := make([]float32, 4*c.width)
			for i := range head {
				head[i] = float32(i%5) - 1.5
			}
			b.Float32s("words", []int64{50, 4}, table...)
			b.Float32s("head", []int64{4, c.width}, head...)
			b.Int64s("axes", []int64{1}, 1)
			b.Node("Gather", []string{"words", "input_ids"}, []string{"states"})
			b.Node("ReduceSum", []string{"states", "axes"}, []string{"sum"}, onnx.Int("keepdims", 0))
			last := "sum"
			ops := append([]string{"MatMul"}, c.after...)
			for i, op := range ops {
				out := fmt.Sprint("x", i)
				if i == len(ops)-1 {
					out = "y"
				}
				in := []string{last}
				if op == "MatMul" {
					in = append(in, "head")
				}
				b.Node(op, in, []string{out})
				last = out
			}
			path := filepath.Join(t.TempDir(), "model.onnx")
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := run(t, path, "")
			if c.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var refused *failure.Error
			if !errors.As(err, &refused) || refused.Kind != failure.KindNotEmbedding || refused.Stage != c.stage ||
				!strings.Contains(refused.Message, c.says) {
				t.Errorf("found %v, want %s at %s with %q", err, failure.KindNotEmbedding, c.stage, c.says)
			}
		})
	}
}
