// Package source finds a model's files from the REF that a user gives: a folder, an .onnx file, a name in the Hugging
// Face cache, or an endpoint. It reads names and sizes, hardly a file's contents, and never the network.
//
// The rules are documented in docs/models.md.
package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/weights/stored"
)

// Kind says what a REF turned out to be.
type Kind string

// The kinds of REF.
const (
	KindFolder    Kind = "folder"
	KindONNXFile  Kind = "onnx_file"
	KindWeights   Kind = "weights_file" // model.safetensors, pytorch_model.bin
	KindHub       Kind = "huggingface_cache"
	KindEndpoint  Kind = "endpoint"
	KindTokenizer Kind = "tokenizer" // a bare tokenizer.json, where Options.Tokenizer allows it
)

// Format is the form of a model's weights.
type Format string

// The formats of weights that probe runs.
const (
	FormatONNX        Format = "onnx"
	FormatSafetensors Format = "safetensors"
	FormatPyTorch     Format = "pytorch" // pytorch_model.bin, read as data
)

// PreferWeights is a value of Options.Prefer: weights of any format, in place of an ONNX graph.
const PreferWeights Format = "weights"

// Options are what Resolve depends on besides the REF. The zero value is the user's own environment and probe's own
// choice of file.
type Options struct {
	// ONNXFile names the graph to take: a path relative to the model's folder, or the bare name of a file
	// that only one of its subfolders has. It must lie inside the folder.
	ONNXFile string
	// Prefer forces a format where a folder has both; "" takes an exported model.onnx first, then safetensors.
	Prefer Format
	// Tokenizer asks for no more than a tokenizer: a bare tokenizer.json is a REF too, and no weights are looked for in a
	// folder that has one.
	Tokenizer bool
	// Endpoints are the names that may stand before the colon of an endpoint REF; nil is "openai" alone.
	Endpoints []string
	// Env looks an environment variable up; nil is os.Getenv.
	Env func(string) string
	// Home is the user's home folder; "" is os.UserHomeDir's.
	Home string
}

// Source is where a model's files are, and which of them is run.
type Source struct {
	// Ref is the REF as it was given.
	Ref  string
	Kind Kind
	// Dir is the absolute folder that modules.json, config.json and tokenizer.json lie in. For an endpoint it is "".
	Dir string
	// ModelDir is the folder of the transformer's config.json and weights: Dir, or the first module's folder of an older
	// sentence-transformers model (Dir/0_Transformer).
	ModelDir string
	// Format is that of the file that is run; "" for an endpoint, and where Options.Tokenizer asked for no weights.
	Format Format
	// ONNXPath is the graph that is run; "" if Format is not FormatONNX.
	ONNXPath string
	// Weights is model.safetensors or pytorch_model.bin, or the index that names their shards; "" if there is none. It is
	// set in addition to ONNXPath if a folder has both.
	Weights string
	// Name is the public identity "org/name" (or "name"), Publisher its "org", and Revision the commit hash. They come
	// from the Hugging Face cache alone, never from a folder's own name or files; "" for everything else.
	Name, Publisher, Revision string
	// RecordedDigest is the sha256 that huggingface_hub noted when it downloaded the weights into a plain folder, in
	// hexadecimal; Revision is then the commit that it noted. It is what the hub says, not what the file here has.
	RecordedDigest string
	// Caches are the user's Hugging Face caches, which links of a folder may lead into: folder.Open takes them.
	Caches []string
	// Warnings are what a user should know about how the files were found, a sentence each.
	Warnings []string
	// Candidates are the .onnx files found, relative to Dir with forward slashes, best first.
	Candidates []string
	// Choice says in one line why this file is run.
	Choice string
	// TokenizerPath is the file, where Kind is KindTokenizer.
	TokenizerPath string
	// Endpoint and Model are the two sides of an endpoint REF: "openai" and "text-embedding-3-small".
	Endpoint, Model string

	format stored.Format // of Weights
}

// WeightFile is the file that is run: ONNXPath or Weights. It is "" for an endpoint or a tokenizer.
func (s *Source) WeightFile() string {
	if s.Format == FormatONNX {
		return s.ONNXPath
	}
	return s.Weights
}

// Resolve finds the model that ref names.
//
// Errors are *failure.Error of stage resolve: KindNotFound with names that are similar, KindAmbiguous where several graphs
// are there and nothing chooses, KindMissingFile for an incomplete cache entry, KindUnsafePath for a file outside the
// model's folder, KindUnsupportedFormat with how to convert, KindInvalidFormat for a Git LFS pointer.
func Resolve(ref string, o Options) (*Source, error) {
	o = o.withDefaults()
	if strings.TrimSpace(ref) == "" {
		return nil, fail(failure.KindNotFound, "expected a model: %s", forms)
	}
	if s := o.endpoint(ref); s != nil {
		return s, nil
	}
	if s, ok, err := o.fromURL(ref); ok {
		return s, err
	}
	path := expandHome(ref, o.Home)
	info, err := os.Stat(path)
	switch {
	case err == nil:
		return o.fromPath(ref, path, info)
	case !errors.Is(err, fs.ErrNotExist) && looksLikePath(ref):
		return nil, fail(failure.KindNotFound, "cannot reach %s: %w", ref, err)
	case isNameWithSlash(ref):
		return o.fromHub(strings.TrimSuffix(ref, "/"))
	case looksLikePath(ref):
		return nil, fail(failure.KindNotFound, "expected a model at %s, found nothing there%s", ref, suggestPath(path))
	}
	return o.fromHub(ref)
}

// forms lists what a REF may be, for messages.
const forms = "a folder, an .onnx, .safetensors or .bin file, a name in the Hugging Face cache (org/name) or an endpoint (openai:MODEL)"

func (o Options) withDefaults() Options {
	if o.Env == nil {
		o.Env = os.Getenv
	}
	if o.Home == "" {
		o.Home, _ = os.UserHomeDir() // without a home there is no default cache, and lookups say which they searched
	}
	if o.Endpoints == nil {
		o.Endpoints = []string{"openai"}
	}
	return o
}

// endpoint reads NAME:MODEL; nil if ref is no such thing.
func (o Options) endpoint(ref string) *Source {
	name, model, ok := strings.Cut(ref, ":")
	if !ok || model == "" || !slices.Contains(o.Endpoints, strings.ToLower(name)) {
		return nil
	}
	return &Source{
		Ref: ref, Kind: KindEndpoint, Endpoint: strings.ToLower(name), Model: model,
		Choice: "the REF names an endpoint",
	}
}

// looksLikePath reports whether a REF that does not exist as a path was meant as one, and not as a name of the hub.
func looksLikePath(ref string) bool {
	name, _, _ := strings.Cut(ref, "@") // a revision may have slashes: refs/pr/3
	return strings.HasPrefix(ref, ".") || strings.HasPrefix(ref, "~") || filepath.IsAbs(ref) ||
		strings.ContainsRune(ref, '\\') || strings.Count(name, "/") > 1 || strings.HasSuffix(ref, "/") ||
		strings.HasSuffix(strings.ToLower(ref), ".onnx") || strings.HasSuffix(ref, ".json")
}

// isNameWithSlash reports whether ref is a name of the hub and a slash, as a shell's completion or a copied address leaves
// it.
func isNameWithSlash(ref string) bool {
	name, ok := strings.CutSuffix(ref, "/")
	return ok && strings.Count(name, "/") == 1 && IsHubName(name)
}

func (s *Source) warnf(format string, args ...any) {
	s.Warnings = append(s.Warnings, fmt.Sprintf(format, args...))
}

func expandHome(path, home string) string {
	if home == "" || path != "~" && !strings.HasPrefix(path, "~/") {
		return path
	}
	return filepath.Join(home, path[1:])
}

func fail(kind failure.Kind, format string, args ...any) *failure.Error {
	return failure.Errorf(failure.StageResolve, kind, format, args...)
}
