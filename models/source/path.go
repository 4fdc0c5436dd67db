package source

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/weights"
	"github.com/divinedevops/probe/models/weights/stored"
)

// fromPath resolves a REF that is there as a path.
func (o Options) fromPath(ref, path string, info fs.FileInfo) (*Source, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fail(failure.KindNotFound, "%s: %w", ref, err)
	}
	if info.IsDir() {
		if name, ok := folder.ParseHubDir(filepath.Base(abs)); ok && isDir(filepath.Join(abs, "snapshots")) {
			dir, err := snapshot(abs, name, "")
			if err != nil {
				return nil, err
			}
			abs = dir
		}
		return o.fromFolder(&Source{Ref: ref, Kind: KindFolder}, abs)
	}
	if !info.Mode().IsRegular() {
		return nil, fail(failure.KindUnsupportedFormat, "%s is a pipe, socket or device; expected %s", ref, forms)
	}
	lower := strings.ToLower(abs)
	switch {
	case strings.HasSuffix(lower, ".onnx"):
		return o.fromONNXFile(ref, abs)
	case strings.HasSuffix(lower, ".json") && o.Tokenizer:
		return &Source{Ref: ref, Kind: KindTokenizer, TokenizerPath: abs, Choice: "the REF names a tokenizer"}, nil
	case strings.HasSuffix(lower, "tokenizer.json"):
		return nil, fail(failure.KindUnsupportedFormat, "%s is a tokenizer, not a model; give the model's folder", ref)
	}
	found := folder.IdentifyFile(abs)
	f, known := frameworkOf(filepath.Base(abs))
	if format, err := weights.Formats().Format(abs); err == nil && (!known || f.advice == nameFile) && !strings.HasSuffix(lower, ".json") {
		return o.fromWeightsFile(ref, abs, format)
	}
	if known && (!found.Instead() || f.advice == unpack) {
		return nil, fail(failure.KindUnsupportedFormat, "%s is %s; %s", ref, f.is, f.advice)
	}
	if found.Known() && found.Format != folder.FormatJSON {
		return nil, fail(found.Kind(), "%s is %s; %s", ref, found.Is, found.Advice)
	}
	return nil, fail(failure.KindUnsupportedFormat, "%s is not a known kind of model file; expected %s", ref, forms)
}

// followed is the file that a user named, with links followed, and the entry of a Hugging Face cache that it lies in, nil for none. Links in
// a cache stay: there the snapshot is the model's folder.
func followed(ref, path string) (string, *folder.HubEntry, error) {
	hub, inHub := folder.FindHubEntry(path)
	if inHub {
		return path, hub, nil
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", hub, fail(failure.KindNotFound, "%s: %w", ref, err)
	}
	return resolved, hub, nil
}

// fromWeightsFile resolves a file of weights that the user named; config.json lies next to it. Links are those of
// fromONNXFile.
func (o Options) fromWeightsFile(ref, path string, format stored.Format) (*Source, error) {
	if o.ONNXFile != "" || o.Prefer == FormatONNX {
		return nil, fail(failure.KindAmbiguous, "%s holds weights; give its folder to run an ONNX graph", ref)
	}
	path, hub, err := followed(ref, path)
	if err != nil {
		return nil, err
	}
	caches := o.caches()
	root, err := folder.Open(filepath.Dir(path), failure.StageResolve, caches...)
	if err != nil {
		return nil, err
	}
	base := filepath.Base(path)
	if _, err := root.Path(base); err != nil { // a link out of the cache entry
		return nil, err
	}
	if err := checkWeights(path, base); err != nil {
		return nil, err
	}
	s := &Source{
		Ref: ref, Kind: KindWeights, Dir: root.Dir, ModelDir: root.Dir, Weights: filepath.Join(root.Dir, base), format: format,
		Caches: caches,
	}
	s.identify(hub)
	return s, s.runWeights("the REF names this file")
}

// fromONNXFile resolves an .onnx file that the user named. What it is a link to is the user's own choice, so links are
// followed, but those of a Hugging Face cache: there the snapshot is the model's folder.
func (o Options) fromONNXFile(ref, path string) (*Source, error) {
	if o.ONNXFile != "" {
		return nil, fail(failure.KindAmbiguous, "%s is a graph already; give its folder to choose another by name", ref)
	}
	if o.Prefer == FormatSafetensors {
		return nil, fail(failure.KindAmbiguous, "%s is an ONNX graph; give its folder to run safetensors weights", ref)
	}
	path, hub, err := followed(ref, path)
	if err != nil {
		return nil, err
	}
	s := &Source{Ref: ref, Kind: KindONNXFile, Format: FormatONNX, ONNXPath: path}
	s.identify(hub)
	s.Dir = filepath.Dir(path)
	// Exports lie in a subfolder onnx next to the tokenizer's and the modules' files.
	if parent := filepath.Dir(s.Dir); !hasModelFiles(s.Dir) && hasModelFiles(parent) &&
		(hub != nil && s.Dir != hub.SnapshotDir || filepath.Base(s.Dir) == "onnx") {
		s.Dir = parent
	}
	s.Caches = o.caches()
	root, err := folder.Open(s.Dir, failure.StageResolve, s.Caches...)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(s.Dir, path)
	if err != nil {
		return nil, fail(failure.KindNotFound, "%s: %w", ref, err)
	}
	if _, err := root.Path(filepath.ToSlash(rel)); err != nil { // a link out of the cache entry
		return nil, err
	}
	s.Dir = root.Dir
	s.ONNXPath = filepath.Join(root.Dir, rel)
	s.Candidates = []string{filepath.ToSlash(rel)}
	s.ModelDir = modelDir(root)
	s.Choice = "the REF names this file"
	return s, nil
}

func hasModelFiles(dir string) bool {
	for _, name := range []string{"modules.json", "config.json", "tokenizer.json"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// identify takes the public identity from a place in the Hugging Face cache; nil leaves it empty.
func (s *Source) identify(hub *folder.HubEntry) {
	if hub == nil {
		return
	}
	s.Name, s.Revision = hub.Name, hub.Revision
	if org, _, ok := strings.Cut(hub.Name, "/"); ok {
		s.Publisher = org
	}
}
