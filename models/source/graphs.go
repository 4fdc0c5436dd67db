package source

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/vocabulary"
)

// maxFolders is the most subfolders that are looked into.
const maxFolders = 200

// graphs lists the .onnx files of a folder and of its direct subfolders, best first. Hidden folders and folders that are
// links are skipped.
func graphs(root *folder.Root) ([]string, error) {
	entries, err := entries(root.Dir)
	if err != nil {
		return nil, fail(failure.KindNotFound, "cannot read the folder: %w", err)
	}
	var out []string
	folders := 0
	for _, e := range entries {
		switch {
		case isGraph(e):
			out = append(out, e.Name())
		case e.IsDir() && !strings.HasPrefix(e.Name(), ".") && folders < maxFolders:
			folders++
			out = append(out, graphsBelow(root.Dir, e.Name())...)
		}
	}
	slices.SortFunc(out, compare)
	return out, nil
}

func graphsBelow(dir, name string) []string {
	below, err := entries(filepath.Join(dir, name))
	if err != nil {
		return nil // a folder that cannot be read holds nothing that could be run
	}
	var out []string
	for _, e := range below {
		if isGraph(e) {
			out = append(out, path.Join(name, e.Name()))
		}
	}
	return out
}

func isGraph(e fs.DirEntry) bool {
	return !e.IsDir() && strings.HasSuffix(strings.ToLower(e.Name()), ".onnx")
}

func entries(dir string) ([]fs.DirEntry, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out, err := f.ReadDir(maxEntries)
	if len(out) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return out, nil
}

// exported is the graph under the exporters' usual name, if it is there.
func exported(candidates []string) (string, bool) {
	for _, name := range exportedGraphs {
		if slices.Contains(candidates, name) {
			return name, true
		}
	}
	return "", false
}

// best chooses if there is no model.onnx: among variants of one graph the least quantized. Graphs of different names
// are different models, and then only the user knows.
func best(s *Source) (string, error) {
	first := s.Candidates[0]
	if part := oneModel(s.Candidates); part != "" {
		return part, nil
	}
	stem, _ := variant(first)
	for _, c := range s.Candidates[1:] {
		other, _ := variant(c)
		if other != stem && stem != "model" {
			return "", fail(failure.KindAmbiguous, "%s has several graphs: %s; name the one to run",
				s.Ref, strings.Join(s.Candidates[:min(len(s.Candidates), 8)], ", ")).With(vocabulary.RemedyNameGraph)
		}
	}
	return first, nil
}

// compare orders graphs: the exporters' names, then "model" before other names, the least quantized, the least deep, and
// by name.
func compare(a, b string) int {
	rank := func(c string) []int {
		stem, precision := variant(c)
		exported := slices.Index(exportedGraphs, c)
		if exported < 0 {
			exported = len(exportedGraphs)
		}
		other := 1
		if stem == "model" {
			other = 0
		}
		return []int{exported, other, precision, strings.Count(c, "/")}
	}
	return cmp.Or(slices.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

// markers are the words by which exporters (Optimum, sentence-transformers, transformers.js) mark variants of a graph,
// with the order in which they are preferred: the unmarked one (0), optimized, half precision, 8 bits, 4 bits and less.
// Optimum's O4 is half precision.
func markers() map[string]int {
	return map[string]int{
		"fp32": 0, "float32": 0,
		"optimized": 1, "opt": 1, "o1": 1, "o2": 1, "o3": 1,
		"fp16": 2, "float16": 2, "half": 2, "o4": 2, "bf16": 3, "bfloat16": 3,
		"int8": 4, "uint8": 4, "qint8": 4, "quint8": 4, "quantized": 4, "quant": 4, "q8": 4, "dynamic": 4, "static": 4,
		"qdq": 4, "avx2": 4, "avx512": 4, "vnni": 4, "arm64": 4, "ppc64le": 4, "tensorrt": 4,
		"q4": 5, "q4f16": 5, "int4": 5, "uint4": 5, "bnb4": 5, "nf4": 5, "q2": 5, "q2f16": 5, "q1": 5, "q1f16": 5,
	}
}

// variant splits a graph's base name into what it is of and how far it is from an unquantized one.
func variant(candidate string) (stem string, precision int) {
	base := strings.ToLower(path.Base(candidate))
	base = base[:len(base)-len(".onnx")]
	known := markers()
	var rest []string
	for _, word := range strings.FieldsFunc(base, func(c rune) bool { return c == '_' || c == '-' || c == '.' }) {
		if p, ok := known[word]; ok {
			precision = max(precision, p)
		} else {
			rest = append(rest, word)
		}
	}
	return strings.Join(rest, "_"), precision
}

// named finds the graph that Options.ONNXFile names.
func (o Options) named(s *Source, root *folder.Root) (string, error) {
	rel := o.ONNXFile
	if filepath.IsAbs(rel) {
		inside, err := filepath.Rel(root.Dir, rel)
		if err != nil || !filepath.IsLocal(inside) {
			return "", fail(failure.KindUnsafePath, "expected a graph inside %s, found %s", s.Ref, rel)
		}
		rel = inside
	}
	rel = path.Clean(filepath.ToSlash(rel))
	if err := folder.CheckRelative(rel); err != nil {
		return "", fail(failure.KindUnsafePath, "expected a graph inside the model's folder, found %q: %w",
			o.ONNXFile, err)
	}
	if root.Listed(rel) {
		return rel, nil
	}
	var found []string
	for _, c := range s.Candidates {
		if path.Base(c) == rel {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fail(failure.KindNotFound, "the graph %s is not in %s; its graphs are: %s", rel, s.Ref,
			orNone(s.Candidates)).With(vocabulary.RemedyNameGraph)
	}
	return "", fail(failure.KindAmbiguous, "the graph %s is in several folders: %s; name it with its folder", rel,
		strings.Join(found, ", ")).With(vocabulary.RemedyNameGraph)
}
