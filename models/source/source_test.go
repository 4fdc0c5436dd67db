package source_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/source"
)

// tree writes files, given as path and content. A content "-> target" is a symbolic link; "" an empty file.
func tree(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(content, "-> "); ok {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// folderOf makes a folder of empty files, or of files given as name=content.
func folderOf(t testing.TB, names ...string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, name := range names {
		name, content, _ := strings.Cut(name, "=")
		files[name] = content
	}
	tree(t, dir, files)
	return dir
}

// noEnv is an environment without variables, so that a test sees no cache of the machine it runs on.
func noEnv(t testing.TB) source.Options {
	return source.Options{Env: func(string) string { return "" }, Home: t.TempDir()}
}

func kindOf(t testing.TB, err error) failure.Kind {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *failure.Error
	if !errors.As(err, &e) || e.Stage != failure.StageResolve {
		t.Fatalf("expected an *failure.Error of stage resolve, found %T: %v", err, err)
	}
	return e.Kind
}

// TestChoice: which file of a folder is run. want is the file, or "!kind" with a part of the message after a space.
func TestChoice(t *testing.T) {
	t.Parallel()
	const both, pickle = "model.safetensors", "pytorch_model.bin"
	tests := map[string]struct {
		files []string
		o     source.Options
		want  string
	}{
		"safetensors":             {[]string{"config.json", both}, source.Options{}, both},
		"shards":                  {[]string{"config.json", both + ".index.json", "model-00001-of-00002.safetensors"}, source.Options{}, both + ".index.json"},
		"one file before shards":  {[]string{both + ".index.json", both}, source.Options{}, both},
		"onnx in root":            {[]string{"model.onnx"}, source.Options{}, "model.onnx"},
		"onnx in subfolder":       {[]string{"onnx/model.onnx"}, source.Options{}, "onnx/model.onnx"},
		"root before subfolder":   {[]string{"onnx/model.onnx", "model.onnx"}, source.Options{}, "model.onnx"},
		"onnx before safetensors": {[]string{"onnx/model.onnx", both}, source.Options{}, "onnx/model.onnx"},
		"safetensors asked for":   {[]string{"onnx/model.onnx", both}, source.Options{Prefer: source.FormatSafetensors}, both},
		"safetensors before quantized": {
			[]string{"onnx/model_quantized.onnx", both}, source.Options{}, both,
		},
		"onnx asked for": {[]string{"onnx/model_quantized.onnx", both}, source.Options{Prefer: source.FormatONNX}, "onnx/model_quantized.onnx"},
		"unquantized first": {
			[]string{"onnx/model_int8.onnx", "onnx/model_fp16.onnx", "onnx/model_q4.onnx", "onnx/model_O2.onnx"}, source.Options{},
			"onnx/model_O2.onnx",
		},
		"O4 is half precision": {[]string{"onnx/model_O4.onnx", "onnx/model_O3.onnx"}, source.Options{}, "onnx/model_O3.onnx"},
		"half before int8":     {[]string{"model_qint8_avx512_vnni.onnx", "model_fp16.onnx"}, source.Options{}, "model_fp16.onnx"},
		"int8 before int4":     {[]string{"model_bnb4.onnx", "model_uint8.onnx", "model_q4f16.onnx"}, source.Options{}, "model_uint8.onnx"},
		"any single graph":     {[]string{"encoder.onnx", "config.json"}, source.Options{}, "encoder.onnx"},
		"variants of another":  {[]string{"minilm.onnx", "minilm-int8.onnx"}, source.Options{}, "minilm.onnx"},
		"two models":           {[]string{"a.onnx", "b.onnx"}, source.Options{}, "!ambiguous name the one to run"},
		"two models and safetensors": {
			[]string{"text.onnx", "vision.onnx", both}, source.Options{}, both,
		},
		"model among towers":      {[]string{"onnx/text_model.onnx", "onnx/model_int8.onnx", "onnx/vision_model.onnx"}, source.Options{}, "onnx/model_int8.onnx"},
		"two levels down":         {[]string{"a/b/model.onnx", "x.txt"}, source.Options{}, "!not_found no model"},
		"hidden folder":           {[]string{".cache/model.onnx", "x.txt"}, source.Options{}, "!not_found no model"},
		"old sentence folder":     {[]string{`modules.json=[{"path":"0_Transformer"}]`, "0_Transformer/" + both}, source.Options{}, "0_Transformer/" + both},
		"modules.json is garbage": {[]string{"modules.json=[[[", both}, source.Options{}, both},
		"modules.json leads out":  {[]string{`modules.json=[{"path":"../.."}]`, both}, source.Options{}, both},
		"named":                   {[]string{"model.onnx", "onnx/model_O4.onnx"}, source.Options{ONNXFile: "onnx/model_O4.onnx"}, "onnx/model_O4.onnx"},
		"named by base":           {[]string{"model.onnx", "onnx/model_O4.onnx"}, source.Options{ONNXFile: "model_O4.onnx"}, "onnx/model_O4.onnx"},
		"named, unclean":          {[]string{"model.onnx", "onnx/a.onnx"}, source.Options{ONNXFile: "./onnx//a.onnx"}, "onnx/a.onnx"},
		"named in two folders":    {[]string{"a/x.onnx", "b/x.onnx"}, source.Options{ONNXFile: "x.onnx"}, "!ambiguous several folders"},
		"named, missing":          {[]string{"model.onnx"}, source.Options{ONNXFile: "none.onnx"}, "!not_found model.onnx"},
		"named, parent":           {[]string{"model.onnx"}, source.Options{ONNXFile: "../model.onnx"}, "!unsafe_path inside"},
		"named, absolute":         {[]string{"model.onnx"}, source.Options{ONNXFile: "/etc/model.onnx"}, "!unsafe_path expected a graph inside"},
		"named, folder":           {[]string{"onnx/model.onnx"}, source.Options{ONNXFile: "onnx"}, "!invalid_format folder"},
		"onnx asked for, none":    {[]string{both}, source.Options{Prefer: source.FormatONNX}, "!missing_file .onnx"},
		"safetensors, none":       {[]string{"model.onnx"}, source.Options{Prefer: source.FormatSafetensors}, "!missing_file model.safetensors"},
		"link out": {
			[]string{"model.onnx=-> /dev/null"}, source.Options{}, "!unsafe_path link",
		},
		"weights link out":           {[]string{both + "=-> /dev/null"}, source.Options{}, "!unsafe_path link"},
		"weights link nowhere":       {[]string{both + "=-> gone"}, source.Options{}, "!missing_file not there"},
		"pointer":                    {[]string{both + "=version https://git-lfs.github.com/spec/v1\n"}, source.Options{}, "!invalid_format Git LFS"},
		"empty folder":               {nil, source.Options{}, "!not_found is empty"},
		"config alone":               {[]string{"config.json"}, source.Options{}, "!not_found no model"},
		"pytorch":                    {[]string{"config.json", pickle}, source.Options{}, pickle},
		"pytorch shards":             {[]string{pickle + ".index.json", "pytorch_model-00001-of-00002.bin"}, source.Options{}, pickle + ".index.json"},
		"pytorch in old folder":      {[]string{`modules.json=[{"path":"0_Transformer"}]`, "0_Transformer/" + pickle}, source.Options{}, "0_Transformer/" + pickle},
		"safetensors before it":      {[]string{pickle, both + ".index.json"}, source.Options{}, both + ".index.json"},
		"any graph before it":        {[]string{pickle, "onnx/model_int8.onnx"}, source.Options{}, "onnx/model_int8.onnx"},
		"it before two models":       {[]string{pickle, "query.onnx", "document.onnx"}, source.Options{}, pickle},
		"onnx asked for, only it":    {[]string{pickle}, source.Options{Prefer: source.FormatONNX}, "!missing_file .onnx"},
		"safetensors asked, only it": {[]string{pickle}, source.Options{Prefer: source.FormatSafetensors}, "!missing_file model.safetensors"},
		"checkpoint":                 {[]string{"config.json", "epoch3.ckpt"}, source.Options{}, "!unsupported_format pickle"},
		"tensorflow":                 {[]string{"config.json", "tf_model.h5"}, source.Options{}, "!unsupported_format TensorFlow"},
		"gguf":                       {[]string{"m.Q4_K_M.gguf"}, source.Options{}, "!unsupported_format GGUF"},
		"openvino":                   {[]string{"openvino_model.xml", "openvino_model.bin"}, source.Options{}, "!unsupported_format OpenVINO"},
		"adapter":                    {[]string{"adapter_config.json", "adapter_model.safetensors"}, source.Options{}, "!unsupported_format adapter"},
		"folder of models":           {[]string{"minilm/config.json", "bge/config.json"}, source.Options{}, "!not_found bge"},
		"upper case":                 {[]string{"MODEL.ONNX"}, source.Options{}, "MODEL.ONNX"},
		"folder called x.onnx":       {[]string{"x.onnx/readme"}, source.Options{}, "!not_found no model"},
		"safetensors elsewhere":      {[]string{"2_Dense/" + both, "x"}, source.Options{}, "!not_found"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folderOf(t, test.files...)
			o := noEnv(t)
			o.ONNXFile, o.Prefer = test.o.ONNXFile, test.o.Prefer
			s, err := source.Resolve(dir, o)
			if kind, says, bad := strings.Cut(strings.TrimPrefix(test.want, "!"), " "); strings.HasPrefix(test.want, "!") {
				if got := kindOf(t, err); string(got) != kind || bad && !strings.Contains(err.Error(), says) {
					t.Errorf("expected %s with %q, found %s: %v", kind, says, got, err)
				}
				if s != nil {
					t.Errorf("a source next to the error: %+v", s)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := filepath.Join(dir, test.want); s.WeightFile() != want {
				t.Errorf("expected %s, found %s (%s)", test.want, s.WeightFile(), s.Choice)
			}
			if !strings.HasPrefix(s.Choice, test.want+": ") {
				t.Errorf("choice %q does not name %s", s.Choice, test.want)
			}
			if s.Dir != dir || s.Name != "" || s.Revision != "" || s.Publisher != "" || s.Kind != source.KindFolder {
				t.Errorf("a local folder must have no identity: %+v", s)
			}
		})
	}
}

func TestBothFormats(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, "onnx/model.onnx", "model.safetensors", "onnx/model_int8.onnx")
	s, err := source.Resolve(dir, noEnv(t))
	if err != nil {
		t.Fatal(err)
	}
	if s.Weights != filepath.Join(dir, "model.safetensors") || s.Format != source.FormatONNX || len(s.Candidates) != 2 ||
		s.Candidates[0] != "onnx/model.onnx" || !strings.Contains(s.Choice, "1 more") {
		t.Errorf("got %+v", s)
	}
}

func TestONNXFile(t *testing.T) {
	t.Parallel()
	bare := folderOf(t, "some/graph.onnx", "some/onnx/model.onnx", "some/config.json", "some/tokenizer.json", "link.onnx=-> some/graph.onnx")
	for ref, want := range map[string]struct{ dir, path string }{
		"some/graph.onnx":      {"some", "some/graph.onnx"},
		"some/onnx/model.onnx": {"some", "some/onnx/model.onnx"}, // the export's tokenizer is in the folder above
		"link.onnx":            {"some", "some/graph.onnx"},      // the user's own link
	} {
		s, err := source.Resolve(filepath.Join(bare, ref), noEnv(t))
		if err != nil {
			t.Errorf("%s: %v", ref, err)
			continue
		}
		if s.Kind != source.KindONNXFile || s.Dir != filepath.Join(bare, want.dir) || s.ONNXPath != filepath.Join(bare, want.path) ||
			s.WeightFile() != s.ONNXPath || s.Name != "" {
			t.Errorf("%s: got %+v", ref, s)
		}
	}
	o := noEnv(t)
	o.ONNXFile = "other.onnx"
	if _, err := source.Resolve(filepath.Join(bare, "link.onnx"), o); kindOf(t, err) != failure.KindAmbiguous {
		t.Errorf("a file and a graph by name: %v", err)
	}
}

// TestWeightsFile: a REF may be a file of weights, whatever else its folder has; config.json lies next to it.
func TestWeightsFile(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, "model.onnx", "model.safetensors", "pytorch_model.bin", "epoch3.pt", "link.bin=-> epoch3.pt",
		"lfs.bin=version https://git-lfs.github.com/spec/v1\n")
	for name, want := range map[string]struct {
		format source.Format
		file   string
	}{
		"model.safetensors": {source.FormatSafetensors, "model.safetensors"}, "epoch3.pt": {source.FormatPyTorch, "epoch3.pt"},
		"pytorch_model.bin": {source.FormatPyTorch, "pytorch_model.bin"}, "link.bin": {source.FormatPyTorch, "epoch3.pt"},
	} {
		s, err := source.Resolve(filepath.Join(dir, name), noEnv(t))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Kind != source.KindWeights || s.Format != want.format || s.WeightFile() != filepath.Join(dir, want.file) ||
			s.Dir != dir || s.ModelDir != dir || s.Name != "" {
			t.Errorf("%s: got %+v", name, s)
		}
	}
	o := noEnv(t)
	o.ONNXFile = "model.onnx"
	if _, err := source.Resolve(filepath.Join(dir, "pytorch_model.bin"), o); kindOf(t, err) != failure.KindAmbiguous {
		t.Errorf("a file and a graph by name: %v", err)
	}
	if _, err := source.Resolve(filepath.Join(dir, "lfs.bin"), noEnv(t)); kindOf(t, err) != failure.KindInvalidFormat {
		t.Errorf("a pointer: %v", err)
	}
}

func TestOtherFiles(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, "adapter_model.bin", "training.pkl", "tokenizer.json", "notes.txt", "m.gguf")
	for name, says := range map[string]string{
		"adapter_model.bin": "an adapter", "training.pkl": "pickle", "tokenizer.json": "a tokenizer", "notes.txt": "not a known", "m.gguf": "GGUF",
	} {
		_, err := source.Resolve(filepath.Join(dir, name), noEnv(t))
		if kindOf(t, err) != failure.KindUnsupportedFormat || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o := noEnv(t)
	o.Tokenizer = true
	s, err := source.Resolve(filepath.Join(dir, "tokenizer.json"), o)
	if err != nil || s.Kind != source.KindTokenizer || s.TokenizerPath != filepath.Join(dir, "tokenizer.json") || s.WeightFile() != "" {
		t.Errorf("bare tokenizer: %+v, %v", s, err)
	}
}

// TestTokenizerFolder: for tokens alone a folder needs no weights, and broken or ambiguous ones do not matter.
func TestTokenizerFolder(t *testing.T) {
	t.Parallel()
	for _, files := range [][]string{
		{"tokenizer.json"}, {"tokenizer.json", "a.onnx", "b.onnx"}, {"tokenizer.json", "tf_model.h5"},
		{`modules.json=[{"path":"0_Transformer"}]`, "0_Transformer/tokenizer.json"},
		{"tokenizer.json", "model.safetensors=-> gone"},
	} {
		dir := folderOf(t, files...)
		if _, err := source.Resolve(dir, noEnv(t)); err == nil {
			t.Errorf("%q: a model without the option", files)
		}
		o := noEnv(t)
		o.Tokenizer = true
		s, err := source.Resolve(dir, o)
		if err != nil || s.Dir != dir || s.Format != "" || s.WeightFile() != "" {
			t.Errorf("%q: got %+v, %v", files, s, err)
		}
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	s, err := source.Resolve("openai:text-embedding-3-small", noEnv(t))
	if err != nil || s.Kind != source.KindEndpoint || s.Endpoint != "openai" || s.Model != "text-embedding-3-small" || s.Dir != "" {
		t.Errorf("got %+v, %v", s, err)
	}
	s, err = source.Resolve("OpenAI:org/model:v2", noEnv(t))
	if err != nil || s.Model != "org/model:v2" {
		t.Errorf("got %+v, %v", s, err)
	}
	for _, ref := range []string{"openai:", "opena:model"} {
		if _, err := source.Resolve(ref, noEnv(t)); kindOf(t, err) != failure.KindNotFound || !strings.Contains(err.Error(), "openai:MODEL") {
			t.Errorf("%s: %v", ref, err)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, "all-MiniLM-L6-v2/config.json", "bge-small/config.json")
	for ref, says := range map[string]string{
		"":                                      "expected a model",
		"  ":                                    "expected a model",
		filepath.Join(dir, "all-minilm-l6-v2/"): "did you mean all-MiniLM-L6-v2?",
		filepath.Join(dir, "bge-smal"):          "did you mean bge-small?",
		"./none":                                "found nothing there",
		"none.onnx":                             "found nothing there",
		"~/none":                                "found nothing there",
		"a/b/c":                                 "found nothing there",
		"bad name!":                             "not a name either",
		"a--b":                                  "not a name either",
		"org/name@":                             "not a name either",
		"org/name@../x":                         "not a name either",
	} {
		_, err := source.Resolve(ref, noEnv(t))
		if kindOf(t, err) != failure.KindNotFound || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: expected %q in: %v", ref, says, err)
		}
	}
}

func TestHomeIsExpanded(t *testing.T) {
	t.Parallel()
	home := folderOf(t, "models/m/model.onnx")
	s, err := source.Resolve("~/models/m", source.Options{Env: func(string) string { return "" }, Home: home})
	if err != nil || s.Dir != filepath.Join(home, "models", "m") {
		t.Errorf("got %+v, %v", s, err)
	}
}

func FuzzResolve(f *testing.F) {
	for _, ref := range []string{"org/name", "org/name@main", "name", "openai:m", "~/x", "../x", "a.onnx", "a\x00b", "models--a--b", `C:\x`} {
		f.Add(ref)
	}
	home := f.TempDir()
	f.Fuzz(func(t *testing.T, ref string) {
		if filepath.IsAbs(ref) || strings.HasPrefix(ref, ".") || strings.Contains(ref, "..") {
			return // the machine's own files
		}
		s, err := source.Resolve(ref, source.Options{Env: func(string) string { return "" }, Home: home})
		if err != nil {
			kindOf(t, err)
			return
		}
		if s.Kind == source.KindHub {
			t.Errorf("%q found %+v in an empty home", ref, s)
		}
	})
}
