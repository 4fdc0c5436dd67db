package weights

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/weights/internal/strict"
	"github.com/divinedevops/probe/models/weights/stored"
)

const (
	// maxIndex bounds an index of shards, in bytes.
	maxIndex = 100_000_000
	// maxShards bounds the files of one model; the largest published ones have about 200.
	maxShards = 2000
)

// openIndex opens the shards of an index: {"metadata":{...},"weight_map":{tensor:shard}}. Every tensor of the index must
// be in the shard it names and every tensor of a shard in the index; a shard is a plain file name in the index's folder,
// and if it is a link it stays there or in the blobs of its Hugging Face cache entry.
func openIndex(path string, format stored.Format, caches []string) (*Set, error) {
	weightMap, err := readIndex(path)
	if err != nil {
		return nil, err
	}
	files, err := openShards(path, weightMap, format, caches)
	if err != nil {
		return nil, err
	}
	set, err := New(files...)
	if err != nil {
		return nil, err
	}
	for name, shard := range weightMap {
		t, ok := set.tensors[name]
		if !ok || filepath.Base(t.File.Path) != shard {
			return nil, failure.Errorf(failure.StageLoad, failure.KindMissingTensor,
				"%s: says that tensor %q is in %s, and it is not", path, name, shard)
		}
	}
	for name, t := range set.tensors {
		if _, ok := weightMap[name]; !ok {
			return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
				"%s: does not name tensor %q, which is in %s", path, name, filepath.Base(t.File.Path))
		}
	}
	return set, nil
}

// openShards opens the files that the index names, in the order of their names.
func openShards(path string, weightMap map[string]string, format stored.Format, caches []string) ([]*stored.File, error) {
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
	files := make([]*stored.File, len(shards))
	for i, shard := range shards {
		if shard != filepath.Base(shard) || strings.ContainsAny(shard, `/\`) || shard == "." || shard == ".." {
			return nil, failure.Errorf(failure.StageLoad, failure.KindUnsafePath,
				"%s: shard %q is not a plain file name in the model's folder", path, shard)
		}
		if _, err := root.Path(shard); err != nil {
			return nil, err
		}
		if files[i], err = format.Open(filepath.Join(filepath.Dir(path), shard)); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// readIndex reads the weight_map, refusing a tensor that is named twice.
func readIndex(path string) (map[string]string, error) {
	f, err := folder.OpenRegular(path)
	if err != nil {
		return nil, stored.OpenError(path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxIndex+1))
	if err != nil {
		return nil, stored.OpenError(path, err)
	}
	if len(data) > maxIndex {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTooLarge, "%s: more than %d bytes", path, maxIndex)
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
	err := strict.Object(d, func(key string) error {
		if key != "weight_map" {
			var skipped json.RawMessage
			return d.Decode(&skipped)
		}
		if weightMap != nil {
			return errors.New("weight_map comes twice")
		}
		weightMap = map[string]string{}
		return strict.Object(d, func(name string) error {
			if _, ok := weightMap[name]; ok {
				return fmt.Errorf("tensor %q comes twice", name)
			}
			shard, err := strict.String(d)
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
