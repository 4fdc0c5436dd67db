package card_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/source"
)

// TestOnlyTokenizer: a graph's tokenizer is the file named after it, or the only one there is.
func TestOnlyTokenizer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files []string
		want  string
	}{
		"named after the graph": {[]string{"tiny-tokenizer.json", "other-tokenizer.json"}, "tiny-tokenizer.json"},
		"the only one":          {[]string{"my_tokenizer_v2.json", "tokenizer_config.json"}, "my_tokenizer_v2.json"},
		"the usual one":         {[]string{"tokenizer.json", "x-tokenizer.json"}, "tokenizer.json"},
		"several":               {[]string{"a-tokenizer.json", "b-tokenizer.json"}, ""},
		"settings alone":        {[]string{"tokenizer_config.json"}, ""},
		"a vocabulary besides":  {[]string{"vocab.txt", "x-tokenizer.json"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]any{"tiny.onnx": "x"}
			for _, file := range c.files {
				files[file] = "{}"
			}
			src := write(t, files)
			src.Format, src.ONNXPath = source.FormatONNX, filepath.Join(src.Dir, "tiny.onnx")
			got, err := card.Read(src)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			if c.want != "" {
				want = filepath.Join(src.Dir, c.want)
			}
			if got.Tokenizer.Path != want {
				t.Errorf("expected %q, found %q", want, got.Tokenizer.Path)
			}
		})
	}
}

// TestTokenizerTruncation: what tokenizer.json cuts to is a declaration, unless tokenizer_config.json states a limit.
func TestTokenizerTruncation(t *testing.T) {
	t.Parallel()
	const cut = `{"version":"1.0","truncation":{"direction":"Right","max_length":77}}`
	for name, c := range map[string]struct {
		files map[string]any
		want  int
		where string
	}{
		"bare graph":          {map[string]any{"tokenizer.json": cut}, 77, "tokenizer.json"},
		"no settings":         {map[string]any{"tokenizer.json": cut, "config.json": `{"model_type":"bert","max_position_embeddings":512}`}, 77, "tokenizer.json"},
		"fewer positions":     {map[string]any{"tokenizer.json": cut, "config.json": `{"model_type":"bert","max_position_embeddings":64}`}, 64, "config.json"},
		"settings with limit": {map[string]any{"tokenizer.json": cut, "tokenizer_config.json": `{"model_max_length":100}`}, 100, "tokenizer_config.json"},
		"no truncation":       {map[string]any{"tokenizer.json": `{"truncation":null}`}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := card.Read(write(t, c.files))
			if err != nil {
				t.Fatal(err)
			}
			if m := got.EffectiveMaxLength; m.Tokens != c.want || m.File != c.where {
				t.Errorf("expected %d of %q, found %+v", c.want, c.where, m)
			}
		})
	}
}

// TestUnknownModules: beside a graph a module that cannot be run is a warning and leaves its effect undeclared.
func TestUnknownModules(t *testing.T) {
	t.Parallel()
	for _, dotted := range []string{"custom_st.Head", "sentence_transformers.models.CNN", "modeling.Pooling"} {
		src := write(t, sentence(map[string]any{"modules.json": module(dotted, "1_X")}))
		src.Format, src.ONNXPath = source.FormatONNX, filepath.Join(src.Dir, "model.onnx")
		got, err := card.Read(src)
		if err != nil {
			t.Errorf("%s: %v", dotted, err)
			continue
		}
		if got.Modules[1].Kind != card.ModuleUnknown || got.Normalization != nil || got.EmbeddingDimension != nil ||
			len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], dotted) {
			t.Errorf("%s: %+v, warnings %q", dotted, got.Modules[1], got.Warnings)
		}
	}
}
