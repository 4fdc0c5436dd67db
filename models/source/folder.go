package source

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/weights"
)

// exportedGraphs are the names that exporters give graphs, best first.
var exportedGraphs = []string{"model.onnx", "onnx/model.onnx"}

// fromFolder chooses what to run in a model's folder.
func (o Options) fromFolder(s *Source, dir string) (*Source, error) {
	s.Caches = o.caches()
	root, err := folder.Open(dir, failure.StageResolve, s.Caches...)
	if err != nil {
		return nil, err
	}
	s.Dir, s.ModelDir = root.Dir, modelDir(root)
	s.identify(root.Hub)
	all, err := graphs(root)
	if err != nil {
		return nil, err
	}
	var graphErr, weightsErr error
	s.Candidates, graphErr = usable(root, all)
	if o.Tokenizer && o.ONNXFile == "" && o.Prefer == "" && hasTokenizer(s) {
		s.Choice = "only the tokenizer was asked for"
		return s, nil // whatever weights there are, or none
	}
	weightsErr = s.findWeights(root)
	switch {
	case o.ONNXFile != "" || o.Prefer == FormatONNX:
	case weightsErr != nil && (!replaced(weightsErr) || len(s.Candidates) == 0 || o.Prefer != ""):
		return nil, weightsErr
	case weightsErr != nil:
		s.warnf("%v", weightsErr)
	}
	switch {
	case graphErr == nil:
	case o.ONNXFile != "":
		s.Candidates = all // the one that was named is looked at when it is opened
	case len(s.Candidates) == 0 && (s.Weights == "" || o.Prefer == FormatONNX):
		return nil, graphErr
	default:
		s.warnf("%v", graphErr)
	}
	if err := o.choose(s, root); err != nil {
		return nil, err
	}
	s.readDownloads(root)
	return s, nil
}

func hasTokenizer(s *Source) bool {
	return isFile(filepath.Join(s.ModelDir, "tokenizer.json")) || isFile(filepath.Join(s.Dir, "tokenizer.json"))
}

// choose applies the rules of docs/models.md, "Which file is run".
func (o Options) choose(s *Source, root *folder.Root) error {
	switch {
	case o.ONNXFile != "":
		rel, err := o.named(s, root)
		if err != nil {
			return err
		}
		return s.run(root, rel, "asked for by name")
	case o.Prefer == FormatSafetensors && Format(s.format.Name) != FormatSafetensors:
		return fail(failure.KindMissingFile, "expected model.safetensors in %s, found %s", s.Ref, orNone(s.Candidates))
	case o.Prefer == FormatSafetensors:
		return s.runWeights("safetensors were asked for")
	case o.Prefer == PreferWeights && s.Weights != "":
		return s.runWeights("weights were asked for")
	case o.Prefer == FormatONNX && len(s.Candidates) == 0:
		return fail(failure.KindMissingFile, "expected an .onnx file in %s, found none; %s", s.Ref, convert)
	}
	if rel, ok := exported(s.Candidates); ok {
		return s.run(root, rel, "the exported graph comes first"+others(s, rel))
	}
	mayRunWeights := s.Weights != "" && o.Prefer != FormatONNX
	if mayRunWeights && !s.format.Last {
		return s.runWeights("there is no model.onnx" + others(s, ""))
	}
	if len(s.Candidates) == 0 && !mayRunWeights {
		return s.nothing(root)
	}
	if len(s.Candidates) == 0 {
		return s.runWeights("there are no other weights")
	}
	rel, err := best(s)
	if err != nil && mayRunWeights {
		return s.runWeights("the graphs are not variants of one" + others(s, ""))
	}
	if err != nil {
		return err
	}
	return s.run(root, rel, "the nearest to an unquantized model.onnx"+others(s, rel))
}

// run takes the graph rel.
func (s *Source) run(root *folder.Root, rel, why string) error {
	if _, err := root.Path(rel); err != nil {
		return err
	}
	if !root.Has(rel) {
		return fail(failure.KindInvalidFormat, "%s: expected a file, found a folder, pipe or device", rel)
	}
	s.Format, s.ONNXPath = FormatONNX, filepath.Join(root.Dir, filepath.FromSlash(rel))
	s.Choice = rel + ": " + why
	return nil
}

func (s *Source) runWeights(why string) error {
	s.Format = Format(s.format.Name)
	rel, err := filepath.Rel(s.Dir, s.Weights)
	if err != nil {
		return fail(failure.KindInternal, "%s is not in %s: %w", s.Weights, s.Dir, err)
	}
	s.Choice = filepath.ToSlash(rel) + ": " + why
	return nil
}

// others mentions the graphs that were not chosen, so that a person can ask for one by name.
func others(s *Source, chosen string) string {
	n := len(s.Candidates)
	if chosen != "" {
		n--
	}
	switch {
	case n == 0 && chosen != "" && s.Weights != "":
		return "; " + s.format.Single + " is there too"
	case n == 0:
		return ""
	}
	return fmt.Sprintf("; %d more .onnx files are there", n)
}

// findWeights looks for the weights of the transformer: one file or the index of shards. A link that leads nowhere or out
// of the model is an error: those weights are meant and cannot be had.
func (s *Source) findWeights(root *folder.Root) error {
	base, err := filepath.Rel(root.Dir, s.ModelDir)
	if err != nil {
		return fail(failure.KindInternal, "%s is not in %s: %w", s.ModelDir, root.Dir, err)
	}
	rel, err := weights.Formats().Find(root, base)
	if err != nil || rel == "" {
		return err
	}
	path := filepath.Join(root.Dir, filepath.FromSlash(rel))
	if err := checkWeights(path, rel); err != nil {
		return err
	}
	s.Weights = path
	s.format, err = weights.Formats().Format(path)
	return err
}

// checkWeights refuses a file that something else was saved as: the pointer that Git LFS leaves, a web page, an archive.
// Of a zip archive the reader of PyTorch's checkpoints, which are zip archives, says more.
func checkWeights(path, rel string) error {
	format, err := weights.Formats().Format(path)
	mayBeZip := err == nil && format.Magic != nil
	return checkContent(path, rel, func(c folder.Content) bool {
		return c.Instead() && (!mayBeZip || c.Format != folder.FormatZip)
	})
}

// checkContent refuses a file by its first bytes.
func checkContent(path, rel string, bad func(folder.Content) bool) error {
	f, err := folder.OpenRegular(path)
	if err != nil {
		return fail(failure.KindInvalidFormat, "cannot read %s: %w", rel, err)
	}
	f.Close()
	if found := folder.IdentifyFile(path); bad(found) {
		return fail(found.Kind(), "%s is not what its name says: %w", rel, found.Err())
	}
	return nil
}

// replaced reports whether an error of checkContent says that something else was saved as the file.
func replaced(err error) bool {
	var e *failure.Error
	return errors.As(err, &e) && (e.Kind == failure.KindInvalidFormat || e.Kind == failure.KindUnsupportedFormat)
}

// usable leaves out the graphs that are something else, such as the pointers of a clone without Git LFS. The error says
// what the first of them is.
func usable(root *folder.Root, candidates []string) (out []string, err error) {
	for i, rel := range candidates {
		path, pathErr := root.Path(rel)
		if i < maxFolders && pathErr == nil {
			if bad := checkContent(path, rel, folder.Content.Known); bad != nil {
				err = cmp.Or(err, bad)
				continue
			}
		}
		out = append(out, rel)
	}
	return out, err
}

// maxModulesJSON bounds modules.json, which lists a handful of modules.
const maxModulesJSON = 1 << 20

// modelDir is the folder of the first module that modules.json lists. If that file is broken, models/card reports it; here
// the folder itself is the answer.
func modelDir(root *folder.Root) string {
	if !root.Has("modules.json") {
		return root.Dir
	}
	data, err := root.ReadFile("modules.json", maxModulesJSON)
	var modules []struct{ Path string }
	if err != nil || json.Unmarshal(data, &modules) != nil || len(modules) == 0 {
		return root.Dir
	}
	dir, err := root.Path(modules[0].Path)
	if err != nil || !isDir(dir) {
		return root.Dir
	}
	return dir
}
