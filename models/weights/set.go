// Package weights holds a model's weights, whatever format they come in: names, shapes and types of the tensors, and for
// each the place of its bytes in a file, so that an engine takes them from there without a copy, or a function that
// makes them.
//
// A format is a folder below this one and a line in the table in formats.go.
package weights

import (
	"path/filepath"
	"slices"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights/stored"
)

// Set is a model's weights: those of one file, or of the shards that an index names. It is not changed once made, and
// safe for concurrent use.
type Set struct {
	files   []*stored.File
	tensors map[string]stored.Tensor
}

// New makes a set of files. It fails with KindInvalidFormat if two tensors have the same name.
func New(files ...*stored.File) (*Set, error) {
	s := &Set{files: files, tensors: map[string]stored.Tensor{}}
	for _, f := range files {
		for _, t := range f.Tensors {
			t.File = f
			if first, ok := s.tensors[t.Name]; ok {
				return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
					"tensor %q is in both %s and %s", t.Name, first.File.Path, f.Path)
			}
			s.tensors[t.Name] = t
		}
	}
	return s, nil
}

// Lookup finds a tensor by its name.
func (s *Set) Lookup(name string) (stored.Tensor, bool) {
	t, ok := s.tensors[name]
	return t, ok
}

// Names are the names of all tensors, sorted.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.tensors))
	for name := range s.tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Files are the paths of the files, as they were named.
func (s *Set) Files() []string {
	paths := make([]string, len(s.files))
	for i, f := range s.files {
		paths[i] = f.Path
	}
	return paths
}

// Path is the first file, for messages.
func (s *Set) Path() string { return s.files[0].Path }

// Config is the model's configuration, as a config.json would have it, if a file carries one; else nil.
func (s *Set) Config() []byte {
	for _, f := range s.files {
		if f.Config != nil {
			return f.Config
		}
	}
	return nil
}

// Parameters counts the elements of all floating-point tensors: weights, without integer buffers such as position_ids.
// Tensors that share their bytes (tied weights) count once.
func (s *Set) Parameters() int64 {
	var n int64
	for _, t := range s.distinct() {
		if t.DType.Float() {
			n += t.Elements()
		}
	}
	return n
}

// Bytes is the length of all tensors together. Tensors that share their bytes count once.
func (s *Set) Bytes() int64 {
	var n int64
	for _, t := range s.distinct() {
		n += t.Length
	}
	return n
}

// DType is the type that holds most of the floating-point elements, tensor.Undefined if there are none.
func (s *Set) DType() tensor.DType {
	counts := map[tensor.DType]int64{}
	for _, t := range s.distinct() {
		if t.DType.Float() {
			counts[t.DType] += t.Elements()
		}
	}
	best := tensor.Undefined
	for d, n := range counts {
		if n > counts[best] || n == counts[best] && d < best {
			best = d
		}
	}
	return best
}

// Types counts the elements of each type, by the format's own names.
func (s *Set) Types() map[string]int64 {
	counts := map[string]int64{}
	for _, t := range s.distinct() {
		counts[t.Type] += t.Elements()
	}
	return counts
}

// distinct are the tensors, of those at the same place in a file one.
func (s *Set) distinct() []stored.Tensor {
	type place struct {
		file           *stored.File
		offset, length int64
	}
	seen := map[place]bool{}
	out := make([]stored.Tensor, 0, len(s.tensors))
	for _, f := range s.files {
		for _, t := range f.Tensors {
			at := place{f, t.Offset, t.Length}
			if t.Make == nil && t.Length > 0 {
				if seen[at] {
					continue
				}
				seen[at] = true
			}
			out = append(out, t)
		}
	}
	return out
}

// DataDir is the folder that an engine takes as the base of external data: the deepest one that holds every file, links
// resolved. ONNX Runtime refuses a location that is a link out of that folder, which is what every file of a Hugging
// Face cache snapshot is, so the folder is that of the blobs and Location is relative to it.
func (s *Set) DataDir() string {
	dir := filepath.Dir(s.files[0].Resolved)
	for _, f := range s.files[1:] {
		for !within(f.Resolved, dir) {
			dir = filepath.Dir(dir)
		}
	}
	return dir
}

// Location is the file's path relative to DataDir, with forward slashes as ONNX external data wants it.
func (s *Set) Location(f *stored.File) string {
	rel, err := filepath.Rel(s.DataDir(), f.Resolved)
	if err != nil {
		return filepath.Base(f.Resolved)
	}
	return filepath.ToSlash(rel)
}

func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	if err != nil { // another volume; the root of this one is where the search ends
		return filepath.Dir(dir) == dir
	}
	return filepath.IsLocal(rel)
}
