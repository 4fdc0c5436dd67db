package card_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/source"
)

const (
	bertConfig = `{"model_type":"bert","hidden_size":8,"max_position_embeddings":64,"vocab_size":100}`
	twoModules = `[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},
		{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]`
	meanPooling = `{"word_embedding_dimension":8,"pooling_mode_mean_tokens":true}`
)

// sentence is a small sentence-transformers folder with some files replaced.
func sentence(replace map[string]any) map[string]any {
	files := map[string]any{"config.json": bertConfig, "modules.json": twoModules, "1_Pooling/config.json": meanPooling}
	for name, content := range replace {
		if content == nil {
			delete(files, name)
		} else {
			files[name] = content
		}
	}
	return files
}

// module is a modules.json of a transformer and one more module.
func module(dotted, path string) string {
	return `[{"path":"","type":"sentence_transformers.models.Transformer"},{"path":"` + path + `","type":"` + dotted + `"}]`
}

const dense = "sentence_transformers.models.Dense"

func TestOddFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files map[string]any
		kind  failure.Kind
		says  string // in the message: file, key and what was found
	}{
		"wrong type":           {sentence(map[string]any{"config.json": `{"hidden_size":"wide"}`}), failure.KindInvalidConfig, `config.json: hidden_size: expected a number, found the string "wide"`},
		"fraction":             {sentence(map[string]any{"config.json": `{"vocab_size":1.5}`}), failure.KindInvalidConfig, `config.json: vocab_size: expected a whole number from 1 to 268435456, found the number 1.5`},
		"zero width":           {sentence(map[string]any{"config.json": `{"hidden_size":0}`}), failure.KindInvalidConfig, "hidden_size"},
		"huge width":           {sentence(map[string]any{"config.json": `{"hidden_size":1e18}`}), failure.KindInvalidConfig, "hidden_size"},
		"nested wrong type":    {sentence(map[string]any{"config.json": `{"text_config":{"hidden_size":[1]}}`}), failure.KindInvalidConfig, "config.json: text_config.hidden_size: expected a number, found the array [1]"},
		"config is an array":   {sentence(map[string]any{"config.json": `[]`}), failure.KindInvalidConfig, "config.json: expected a JSON object: found the array []"},
		"config cut":           {sentence(map[string]any{"config.json": `{"hidden_size":8`}), failure.KindInvalidConfig, "config.json: expected a JSON object"},
		"config empty":         {sentence(map[string]any{"config.json": " \n"}), failure.KindInvalidConfig, "the file is empty"},
		"config is a pointer":  {sentence(map[string]any{"config.json": "version https://git-lfs.github.com/spec/v1"}), failure.KindInvalidConfig, "Git LFS pointer"},
		"deep":                 {sentence(map[string]any{"config.json": `{"a":` + strings.Repeat("[", 20000)}), failure.KindInvalidConfig, "config.json"},
		"config too large":     {sentence(map[string]any{"config.json": `{"a":"` + strings.Repeat("x", 17<<20) + `"}`}), failure.KindTooLarge, "config.json"},
		"modules an object":    {sentence(map[string]any{"modules.json": `{}`}), failure.KindInvalidConfig, "modules.json: expected an array of modules: found the object {}"},
		"no modules":           {sentence(map[string]any{"modules.json": `[]`}), failure.KindInvalidConfig, "found 0"},
		"many modules":         {sentence(map[string]any{"modules.json": "[" + strings.Repeat("{},", 99) + "{}]"}), failure.KindInvalidConfig, "found 100"},
		"module without type":  {sentence(map[string]any{"modules.json": `[{"path":""}]`}), failure.KindInvalidConfig, "type and path"},
		"module path a number": {sentence(map[string]any{"modules.json": `[{"type":"x","path":1}]`}), failure.KindInvalidConfig, "modules.json: [0].path: expected a string, found the number 1"},
		"module path parent":   {sentence(map[string]any{"modules.json": module(dense, "../2_Dense")}), failure.KindUnsafePath, "../2_Dense"},
		"module path absolute": {sentence(map[string]any{"modules.json": module(dense, "/etc")}), failure.KindUnsafePath, "/etc"},
		"module path windows":  {sentence(map[string]any{"modules.json": module(dense, `..\\x`)}), failure.KindUnsafePath, `..`},
		"unknown module":       {sentence(map[string]any{"modules.json": module("sentence_transformers.models.CNN", "1_CNN")}), failure.KindUnsupportedModel, `sentence_transformers.models.CNN`},
		"module of the model":  {sentence(map[string]any{"modules.json": module("custom_st.Transformer", "")}), failure.KindUnsupportedModel, "code that comes with the model"},
		"pooling first":        {sentence(map[string]any{"modules.json": `[{"path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]`}), failure.KindInvalidConfig, "reads text first"},
		"two transformers":     {sentence(map[string]any{"modules.json": module("sentence_transformers.models.Transformer", "")}), failure.KindInvalidConfig, "number 1"},
		"pooling missing":      {sentence(map[string]any{"1_Pooling/config.json": nil}), failure.KindMissingFile, "1_Pooling/config.json"},
		"pooling unknown":      {sentence(map[string]any{"1_Pooling/config.json": `{"pooling_mode":"avg"}`}), failure.KindInvalidConfig, `1_Pooling/config.json: pooling mode: expected one of cls, max, mean`},
		"pooling key unknown":  {sentence(map[string]any{"1_Pooling/config.json": `{"pooling_mode_fancy":true}`}), failure.KindUnsupportedModel, "pooling_mode_fancy"},
		"pooling empty list":   {sentence(map[string]any{"1_Pooling/config.json": `{"pooling_mode":[]}`}), failure.KindInvalidConfig, "at least one"},
		"pooling flag a text":  {sentence(map[string]any{"1_Pooling/config.json": `{"pooling_mode_cls_token":"yes"}`}), failure.KindInvalidConfig, `pooling_mode_cls_token: expected true or false, found the string "yes"`},
		"transformer missing":  {sentence(map[string]any{"modules.json": `[{"path":"0_Transformer","type":"sentence_transformers.models.Transformer"}]`}), failure.KindMissingFile, "0_Transformer"},
		"dense without config": {sentence(map[string]any{"modules.json": module(dense, "2_Dense")}), failure.KindMissingFile, "2_Dense/config.json"},
		"dense without sizes":  {sentence(map[string]any{"modules.json": module(dense, "2_Dense"), "2_Dense/config.json": `{"bias":true}`}), failure.KindInvalidConfig, "2_Dense/config.json: expected the keys in_features and out_features"},
		"dense activation":     {sentence(map[string]any{"modules.json": module(dense, "2_Dense"), "2_Dense/config.json": `{"in_features":8,"out_features":4,"activation_function":"os.system"}`}), failure.KindUnsupportedModel, "os.system"},
		"layer norm silent":    {sentence(map[string]any{"modules.json": module("sentence_transformers.models.LayerNorm", "2_LayerNorm"), "2_LayerNorm/config.json": `{}`}), failure.KindInvalidConfig, "dimension"},
		"max_seq_length zero":  {sentence(map[string]any{"sentence_bert_config.json": `{"max_seq_length":0}`}), failure.KindInvalidConfig, "sentence_bert_config.json: max_seq_length: expected a whole number of tokens, at least 1, found the number 0"},
		"max_seq_length text":  {sentence(map[string]any{"sentence_bert_config.json": `{"max_seq_length":"256"}`}), failure.KindInvalidConfig, `found the string "256"`},
		"default prompt":       {sentence(map[string]any{"config_sentence_transformers.json": `{"prompts":{"a":"b"},"default_prompt_name":"c"}`}), failure.KindInvalidConfig, `default_prompt_name: expected a name from prompts, found "c"`},
		"prompts a list":       {sentence(map[string]any{"config_sentence_transformers.json": `{"prompts":["a"]}`}), failure.KindInvalidConfig, "prompts: expected an object, found the array"},
		"prompt a number":      {sentence(map[string]any{"config_sentence_transformers.json": `{"prompts":{"q":3}}`}), failure.KindInvalidConfig, "prompts.q: expected a string, found the number 3"},
		"cross encoder":        {sentence(map[string]any{"config_sentence_transformers.json": `{"model_type":"CrossEncoder"}`}), failure.KindNotEmbedding, "CrossEncoder"},
		"sparse encoder":       {sentence(map[string]any{"config_sentence_transformers.json": `{"model_type":"SparseEncoder"}`}), failure.KindUnsupportedModel, "SparseEncoder"},
		"tokenizer side":       {sentence(map[string]any{"tokenizer_config.json": `{"padding_side":1}`}), failure.KindInvalidConfig, "tokenizer_config.json: padding_side"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := card.Read(write(t, test.files))
			var e *failure.Error
			if !errors.As(err, &e) || e.Kind != test.kind || e.Stage != failure.StageLoad {
				t.Fatalf("expected %s at load, found %v", test.kind, err)
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("expected %q in: %v", test.says, err)
			}
			if len(err.Error()) > 600 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestLinksOut(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"config.json", "modules.json", "tokenizer_config.json", "1_Pooling/config.json", "tokenizer.json"} {
		src := write(t, sentence(map[string]any{file: nil}))
		path := filepath.Join(src.Dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/dev/null", path); err != nil {
			t.Fatal(err)
		}
		_, err := card.Read(src)
		var e *failure.Error
		if !errors.As(err, &e) || e.Kind != failure.KindUnsafePath {
			t.Errorf("%s: expected unsafe_path, found %v", file, err)
		}
	}
}

// TestSilence: a file that says nothing declares nothing.
func TestSilence(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]any{
		"empty folder": {},
		"empty objects": {
			"config.json": `{}`, "tokenizer_config.json": `{}`, "config_sentence_transformers.json": `{}`,
			"sentence_bert_config.json": `{}`,
		},
		"nulls": {
			"config.json": `{"model_type":null,"hidden_size":null,"dtype":null}`, "tokenizer_config.json": `{"model_max_length":null}`,
			"config_sentence_transformers.json": `{"prompts":null,"similarity_fn_name":null,"default_prompt_name":null}`,
		},
	} {
		c, err := card.Read(write(t, files))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.EmbeddingDimension != nil || c.Pooling != nil || c.Normalization != nil || c.Similarity != nil || c.TruncateDim != nil ||
			c.MaxSequenceLength != nil || c.Prompts != nil || c.DefaultPromptName != nil || c.DType != nil || c.LibraryType != nil ||
			len(c.Modules) != 0 || c.ModulesDeclared || c.EffectiveMaxLength.Tokens != 0 || !c.IncludePrompt || c.DefaultPrompt() != "" {
			t.Errorf("%s: got %+v", name, c)
		}
	}
}

// TestFallbackIsNotDeclared: what sentence-transformers fills in runs, and is not called declared.
func TestFallbackIsNotDeclared(t *testing.T) {
	t.Parallel()
	c, err := card.Read(write(t, map[string]any{"config.json": bertConfig}))
	if err != nil {
		t.Fatal(err)
	}
	if c.ModulesDeclared || len(c.Modules) != 2 || c.Pooling != nil || c.Normalization != nil || c.Similarity != nil {
		t.Errorf("got %+v", c)
	}
	c, err = card.Read(write(t, map[string]any{"config.json": `{"model_type":"bert"}`}))
	if err != nil {
		t.Fatal(err)
	}
	if c.EffectiveMaxLength.Tokens != 512 || c.MaxSequenceLength != nil {
		t.Errorf("a class default is no declaration: %+v, %+v", c.EffectiveMaxLength, c.MaxSequenceLength)
	}
}

func TestPythonJSON(t *testing.T) {
	t.Parallel()
	c, err := card.Read(write(t, map[string]any{
		"config.json": `{"model_type":"bert","hidden_size":8.0,"eps":NaN,"a":[Infinity,-Infinity],"note":"NaN \" Infinity"}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	if c.Config.HiddenSize.Value != 8 || string(c.Config.Raw["note"]) != `"NaN \" Infinity"` || string(c.Config.Raw["a"]) != "[null,null]" {
		t.Errorf("got %s", c.Config.Raw)
	}
}

func TestMiniLM(t *testing.T) {
	t.Parallel()
	src, err := source.Resolve(testenv.MiniLM(t), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := card.Read(src)
	if err != nil {
		t.Fatal(err)
	}
	if d := c.EmbeddingDimension; d == nil || d.Value != 384 || d.Where() != "1_Pooling/config.json: word_embedding_dimension" {
		t.Errorf("dimension %+v", d)
	}
	if p := c.Pooling; p == nil || !cmp.Equal(p.Value, []pooling.Mode{pooling.Mean}) || p.Key != "pooling_mode_mean_tokens" {
		t.Errorf("pooling %+v", p)
	}
	if n := c.Normalization; n == nil || n.Value != "l2" || n.Where() != "modules.json: [2].type" {
		t.Errorf("normalization %+v", n)
	}
	if c.Similarity != nil {
		t.Errorf("similarity %+v: none is saved", c.Similarity)
	}
	if m := c.MaxSequenceLength; m == nil || m.Value != 256 || m.Where() != "sentence_bert_config.json: max_seq_length" {
		t.Errorf("max_seq_length %+v", m)
	}
	if r := c.Readme; r.License == nil || r.License.Value != "apache-2.0" || r.Name == nil || r.Name.Value != "sentence-transformers/all-MiniLM-L6-v2" {
		t.Errorf("readme %+v", r)
	}
	if c.Tokenizer.Path != filepath.Join(src.Dir, "tokenizer.json") || c.Tokenizer.ModelMaxLength.Value != 512 {
		t.Errorf("tokenizer %+v", c.Tokenizer)
	}
}

func TestModuleWeights(t *testing.T) {
	t.Parallel()
	config := `{"in_features":8,"out_features":4,"activation_function":"torch.nn.modules.linear.Identity","use_residual":true}`
	for file, kind := range map[string]failure.Kind{
		"model.safetensors": "", "pytorch_model.bin": "", "other": failure.KindMissingFile,
	} {
		src := write(t, sentence(map[string]any{
			"modules.json": module(dense, "2_Dense"), "2_Dense/config.json": config, "2_Dense/" + file: "",
		}))
		c, err := card.Read(src)
		if err != nil {
			t.Fatal(err)
		}
		m := c.Modules[1]
		if !m.Dense.Residual || !m.Dense.Bias || m.Dense.Activation(-3) != -3 || m.Dense.Input != card.FeatureSentence || m.Dense.Output != card.FeatureSentence {
			t.Errorf("dense %+v", m.Dense)
		}
		path, err := m.Weights()
		var e *failure.Error
		switch {
		case kind == "" && (err != nil || path != filepath.Join(c.Modules[1].Dir, file)):
			t.Errorf("%s: %s, %v", file, path, err)
		case kind != "" && (!errors.As(err, &e) || e.Kind != kind):
			t.Errorf("%s: expected %s, found %v", file, kind, err)
		}
	}
}

func TestTruncateDim(t *testing.T) {
	t.Parallel()
	c, err := card.Read(write(t, sentence(map[string]any{
		"modules.json":                      strings.TrimSuffix(twoModules, "]") + `,{"path":"2_Normalize","type":"sentence_transformers.models.Normalize"}]`,
		"config_sentence_transformers.json": `{"truncate_dim":4}`,
	})))
	if err != nil {
		t.Fatal(err)
	}
	if c.EmbeddingDimension.Value != 4 || c.Normalization.Value != "none" || c.Normalization.Key != "truncate_dim" {
		t.Errorf("a cut vector is no longer of norm 1: %+v, %+v", c.EmbeddingDimension, c.Normalization)
	}
}

// TestTruncateDimCutsNothing: a truncate_dim of the vectors' own width or more changes nothing, and beside an unknown width
// it declares no normalization.
func TestTruncateDimCutsNothing(t *testing.T) {
	t.Parallel()
	normalized := strings.TrimSuffix(twoModules, "]") + `,{"path":"2_Normalize","type":"sentence_transformers.models.Normalize"}]`
	for truncate, want := range map[string]string{"8": "l2", "9": "l2", "7": "none", "100000": "l2"} {
		c, err := card.Read(write(t, sentence(map[string]any{
			"modules.json": normalized, "1_Pooling/config.json": `{"word_embedding_dimension":8,"pooling_mode_mean_tokens":true}`,
			"config_sentence_transformers.json": `{"truncate_dim":` + truncate + `}`,
		})))
		if err != nil {
			t.Fatal(err)
		}
		if c.Normalization == nil || c.Normalization.Value != want || c.EmbeddingDimension.Value > 8 {
			t.Errorf("truncate_dim %s: expected %s, found %+v of width %+v", truncate, want, c.Normalization, c.EmbeddingDimension)
		}
	}
}

// TestStaticTruncation: StaticEmbedding runs tokenizer.json as it is, truncation included.
func TestStaticTruncation(t *testing.T) {
	t.Parallel()
	static := `[{"path":"0_StaticEmbedding","type":"sentence_transformers.models.StaticEmbedding"}]`
	for tokenizer, want := range map[string]int{
		`{"version":"1.0","truncation":{"direction":"Right","max_length":77}}`:       77,
		`{"added_tokens":[{"content":"truncation"}],"truncation":{"max_length":78}}`: 78,
		`{"version":"1.0","truncation":null,"model":{}}`:                             0,
		`{"model":{"truncation":{"max_length":1}}}`:                                  0,
		`not json`: 0,
	} {
		src := write(t, map[string]any{"modules.json": static, "0_StaticEmbedding/tokenizer.json": tokenizer})
		src.ModelDir = filepath.Join(src.Dir, "0_StaticEmbedding")
		c, err := card.Read(src)
		if err != nil {
			t.Fatal(err)
		}
		if c.EffectiveMaxLength.Tokens != want {
			t.Errorf("%s: got %+v, want %d", tokenizer, c.EffectiveMaxLength, want)
		}
	}
}

func TestInstructor(t *testing.T) {
	t.Parallel()
	src := write(t, sentence(nil))
	src.Name = "hkunlp/instructor-base"
	c, err := card.Read(src)
	if err != nil {
		t.Fatal(err)
	}
	if c.IncludePrompt || c.Modules[1].Pooling.IncludePrompt {
		t.Error("INSTRUCTOR leaves the prompt out of pooling")
	}
}

func TestModalities(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files map[string]any
		want  []string
	}{
		"tokenizer":       {map[string]any{"tokenizer.json": "{}"}, []string{"text"}},
		"both processors": {map[string]any{"vocab.json": "{}", "preprocessor_config.json": `{"image_mean":[0.5]}`}, []string{"text", "image"}},
		"image alone":     {map[string]any{"preprocessor_config.json": `{"image_processor_type":"ViTImageProcessor"}`}, []string{"image"}},
		"audio":           {map[string]any{"preprocessor_config.json": `{"feature_extractor_type":"WhisperFeatureExtractor","sampling_rate":16000}`}, []string{"audio"}},
		"modality_config": {sentence(map[string]any{"sentence_bert_config.json": `{"modality_config":{"image+text":{"method":"forward"},"message":{"method":"forward"},"smell":{}},"module_output_name":"token_embeddings"}`}), []string{"text", "image"}},
		"clip module":     {map[string]any{"modules.json": `[{"path":"","type":"sentence_transformers.models.CLIPModel"}]`}, []string{"text", "image"}},
		"nothing":         {map[string]any{"config.json": "{}"}, nil},
	} {
		c, err := card.Read(write(t, test.files))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		if c.Modalities != nil {
			got = c.Modalities.Value
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadme(t *testing.T) {
	t.Parallel()
	readme := "---\nlicense: \"mit\"\nlanguage:\n- en\n- de\nbase_model: [a/b, 'c/d']\nlibrary_name: sentence-transformers\nmodel-index:\n- name: x\n  results:\n" +
		"  - task: y\n---\n# T\nSentenceTransformer(model_id)\nSentenceTransformer('sentence_transformers_model_id')\nSentenceTransformer(\"./local/dir\")\n" +
		"model = SentenceTransformer(\"org/name\", device='cpu')\nlicense: other\n"
	c, err := card.Read(write(t, map[string]any{"README.md": readme}))
	if err != nil {
		t.Fatal(err)
	}
	r := c.Readme
	if r.License == nil || r.License.Value != "mit" {
		t.Errorf("licence %+v", r.License)
	}
	if r.Languages == nil || !cmp.Equal(r.Languages.Value, []string{"en", "de"}) {
		t.Errorf("languages %+v", r.Languages)
	}
	if r.Name == nil || r.Name.Value != "org/name" {
		t.Errorf("name %+v", r.Name)
	}
}

// FuzzRead puts one file's bytes in the place of each file that is read.
func FuzzRead(f *testing.F) {
	names := []string{
		"config.json", "modules.json", "1_Pooling/config.json", "sentence_bert_config.json", "config_sentence_transformers.json",
		"tokenizer_config.json", "preprocessor_config.json", "README.md", "2_Dense/config.json", "0_StaticEmbedding/tokenizer.json",
	}
	for i, name := range names {
		for _, seed := range []string{bertConfig, twoModules, meanPooling, `{"in_features":8,"out_features":4}`, module(dense, "2_Dense"), `{"prompts":{"a":"b"},"default_prompt_name":"a"}`, "---\nlicense: mit\n---\nSentenceTransformer('a/b')", `{"truncation":{"max_length":3}}`} {
			f.Add(uint8(i), []byte(seed))
		}
		_ = name
	}
	static := `[{"path":"0_StaticEmbedding","type":"sentence_transformers.models.StaticEmbedding"}]`
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		name := names[int(which)%len(names)]
		files := sentence(map[string]any{name: string(data)})
		switch name {
		case "2_Dense/config.json":
			files["modules.json"] = module(dense, "2_Dense")
		case "0_StaticEmbedding/tokenizer.json":
			files["modules.json"] = static
		}
		c, err := card.Read(write(t, files))
		if err != nil {
			var e *failure.Error
			if !errors.As(err, &e) || e.Stage != failure.StageLoad {
				t.Fatalf("expected an *failure.Error, found %T: %v", err, err)
			}
			if bytes.Contains([]byte(err.Error()), []byte("\x00")) {
				t.Errorf("a NUL byte in a message: %q", err)
			}
			return
		}
		if d := c.EmbeddingDimension; d != nil && (d.Value < 1 || d.File == "") {
			t.Errorf("dimension %+v", d)
		}
		if m := c.EffectiveMaxLength; m.Tokens < 0 || m.Reason == "" {
			t.Errorf("max length %+v", m)
		}
		_ = c.DefaultPrompt()
	})
}
