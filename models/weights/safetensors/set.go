package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/tensor"
)

// The names that a model folder gives its weights (transformers' SAFE_WEIGHTS_NAME and SAFE_WEIGHTS_INDEX_NAME).
const (
	SingleName = "model.safetensors"
	IndexName  = "model.safetensors.index.json"
)

// foreign are weights in formats that are not read, with what to do about each.
var foreign = []struct{ name, advice string }{
	{"pytorch_model.bin", unpickled},
	{"pytorch_model.bin.index.json", unpickled},
	{"tf_model.h5", "TensorFlow weights are not read; convert them once in Python: " +
		"transformers.AutoModel.from_pretrained(FOLDER, from_tf=True).save_pretrained(NEW_FOLDER)"},
	{"flax_model.msgpack", "Flax weights are not read; convert them once in Python: " +
		"transformers.AutoModel.from_pretrained(FOLDER, from_flax=True).save_pretrained(NEW_FOLDER)"},
}

const unpickled = "pickled PyTorch weights are never read, for unpickling runs code from the file; if you trust it, " +
	"convert it once in Python: sentence_transformers.SentenceTransformer(FOLDER).save(NEW_FOLDER) writes safetensors"

// maxShards bounds the files of one model; the largest published ones have about 200.
const maxShards = 2000

// Set is a model's weights: one file, or the shards that an index names.
type Set struct {
	Files []*File
	index map[string]int // tensor name to the file that has it
}

// OpenSet opens the weights at path: a .safetensors file, a model.safetensors.index.json, or a folder that has either
// (the single file first, as transformers chooses). Every tensor of an index must be in the shard it names and every
// tensor of a shard in the index; a shard is a plain file name in the index's folder, and where it is a link it stays
// there, in the blobs of its Hugging Face cache entry, or in the blobs of one of the caches.
//
// Errors are those of Open, and KindMissingFile for a folder without weights or a shard that is not there,
// KindUnsafePath for a shard name that leaves the folder, KindUnsupportedFormat for a folder with pickled weights only.
func OpenSet(path string, caches ...string) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, openError(path, err)
	}
	if info.IsDir() {
		return openFolder(path, caches)
	}
	if strings.HasSuffix(path, ".json") {
		return openIndex(path, caches)
	}
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	return newSet(f)
}

func openFolder(dir string, caches []string) (*Set, error) {
	root, err := folder.Open(dir, failure.StageLoad, caches...)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{SingleName, IndexName} {
		if root.Listed(name) {
			if _, err := root.Path(name); err != nil {
				return nil, err
			}
			return OpenSet(filepath.Join(dir, name), caches...)
		}
	}
	for _, f := range foreign {
		if root.Listed(f.name) {
			return nil, failure.Errorf(failure.StageLoad, failure.KindUnsupportedFormat, "%s has no %s, but %s: %s",
				dir, SingleName, f.name, f.advice)
		}
	}
	return nil, failure.Errorf(failure.StageLoad, failure.KindMissingFile,
		"%s: expected %s or %s, found neither", dir, SingleName, IndexName)
}

func newSet(files ...*File) (*Set, error) {
	s := &Set{Files: files, index: map[string]int{}}
	for i, f := range files {
		for _, t := range f.Tensors {
			if first, ok := s.index[t.Name]; ok {
				return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
					"tensor %q is in both %s and %s", t.Name, s.Files[first].Path, f.Path)
			}
			s.index[t.Name] = i
		}
	}
	return s, nil
}

// openIndex opens the shards of a model.safetensors.index.json: {"metadata":{...},"weight_map":{tensor:shard}}.
func openIndex(path string, caches []string) (*Set, error) {
	weightMap, err := readIndex(path)
	if err != nil {
		return nil, err
	}
	var shards []string
	for _, shard := range weightMap {
		if !slices.Contains(shards, shard) {
			shards = append(shards, shard)
		}
		if len(shards) > maxShards {
			return nil, failure.Errorf(failure.StageLoad, failure.KindTooLarge,
				"%s: names more than %d shards", path, maxShards)
		}
	}
	slices.Sort(shards)
	root, err := folder.Open(filepath.Dir(path), failure.StageLoad, caches...)
	if err != nil {
		return nil, err
	}
	files := make([]*File, len(shards))
	for i, shard := range shards {
		if shard != filepath.Base(shard) || strings.ContainsAny(shard, `/\`) || shard == "." || shard == ".." {
			return nil, failure.Errorf(failure.StageLoad, failure.KindUnsafePath,
				"%s: shard %q is not a plain file name in the model's folder", path, shard)
		}
		if _, err := root.Path(shard); err != nil {
			return nil, err
		}
		if files[i], err = Open(filepath.Join(filepath.Dir(path), shard)); err != nil {
			return nil, err
		}
	}
	set, err := newSet(files...)
	if err != nil {
		return nil, err
	}
	for name, shard := range weightMap {
		i, ok := set.index[name]
		if !ok || shards[i] != shard {
			return nil, failure.Errorf(failure.StageLoad, failure.KindMissingTensor,
				"%s: says that tensor %q is in %s, and it is not", path, name, shard)
		}
	}
	for name, i := range set.index {
		if _, ok := weightMap[name]; !ok {
			return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
				"%s: does not name tensor %q, which is in %s", path, name, shards[i])
		}
	}
	return set, nil
}

// readIndex reads the weight_map, refusing a tensor that is named twice.
func readIndex(path string) (map[string]string, error) {
	f, err := folder.OpenRegular(path)
	if err != nil {
		return nil, openError(path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxHeader+1))
	if err != nil {
		return nil, openError(path, err)
	}
	if len(data) > MaxHeader {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTooLarge, "%s: more than %d bytes", path, MaxHeader)
	}
	weightMap, err := parseIndex(data)
	if err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat, "%s: %w", path, err)
	}
	return weightMap, nil
}

func parseIndex(data []byte) (map[string]string, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	var weightMap map[string]string
	err := object(d, func(key string) error {
		if key != "weight_map" {
			var skipped json.RawMessage
			return d.Decode(&skipped)
		}
		if weightMap != nil {
			return errors.New("weight_map comes twice")
		}
		weightMap = map[string]string{}
		return object(d, func(name string) error {
			if _, ok := weightMap[name]; ok {
				return fmt.Errorf("tensor %q comes twice", name)
			}
			shard, err := str(d)
			weightMap[name] = shard
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	if len(weightMap) == 0 {
		return nil, errors.New("expected a weight_map that names tensors and their shards, found none")
	}
	return weightMap, nil
}

// Lookup finds a tensor by its name in whichever file has it.
func (s *Set) Lookup(name string) (TensorInfo, bool) {
	i, ok := s.index[name]
	if !ok {
		return TensorInfo{}, false
	}
	return s.Files[i].Lookup(name)
}

// Names are the names of all tensors, sorted.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.index))
	for name := range s.index {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Parameters counts the elements of all floating-point tensors: weights, without integer buffers such as position_ids.
func (s *Set) Parameters() int64 {
	var n int64
	s.each(func(t TensorInfo) {
		if t.DType.Float() {
			n += t.Elements()
		}
	})
	return n
}

// Bytes is the length of all tensors together.
func (s *Set) Bytes() int64 {
	var n int64
	s.each(func(t TensorInfo) { n += t.Length })
	return n
}

// DType is the type that holds most of the floating-point elements, tensor.Undefined where there are none.
func (s *Set) DType() tensor.DType {
	counts := map[tensor.DType]int64{}
	s.each(func(t TensorInfo) {
		if t.DType.Float() {
			counts[t.DType] += t.Elements()
		}
	})
	best := tensor.Undefined
	for d, n := range counts {
		if n > counts[best] || n == counts[best] && d < best {
			best = d
		}
	}
	return best
}

func (s *Set) each(do func(TensorInfo)) {
	for _, f := range s.Files {
		for _, t := range f.Tensors {
			do(t)
		}
	}
}

// DataDir is the folder that an engine takes as the base of external data: the deepest one that holds every file, links
// resolved. ONNX Runtime refuses a location that is a link out of that folder, which is what every file of a Hugging
// Face cache snapshot is, so the folder is that of the blobs and Location is relative to it.
func (s *Set) DataDir() string {
	dir := filepath.Dir(s.Files[0].Resolved)
	for _, f := range s.Files[1:] {
		for !within(f.Resolved, dir) {
			dir = filepath.Dir(dir)
		}
	}
	return dir
}

// Location is the file's path relative to DataDir, with forward slashes as ONNX external data wants it.
func (s *Set) Location(f *File) string {
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

// HeaderDigest is the sha256, in hexadecimal, over the header digests of all files in their order. It identifies the
// layout of the weights cheaply; WeightsDigest identifies the weights.
func (s *Set) HeaderDigest() string {
	h := sha256.New()
	for _, f := range s.Files {
		h.Write(f.headerDigest[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// WeightsDigest is the sha256, in hexadecimal, of the files' whole contents in their order. It reads every byte.
func (s *Set) WeightsDigest() (string, error) {
	h := sha256.New()
	for _, f := range s.Files {
		if err := copyFile(h, f); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func copyFile(w io.Writer, f *File) error {
	r, err := os.Open(f.Resolved)
	if err != nil {
		return openError(f.Path, err)
	}
	defer r.Close()
	_, err = io.Copy(w, r)
	return err
}
