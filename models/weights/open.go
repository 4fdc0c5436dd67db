package weights

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/weights/stored"
)

// Open opens weights in any of the formats that are read. See Table.Open.
func Open(path string, caches ...string) (*Set, error) { return formats.Open(path, caches...) }

// Open opens the weights at path: a file, an index of shards (model.safetensors.index.json), or a folder that has either
// (of the first format found, the single file before the index, as transformers chooses). caches are the user's Hugging
// Face caches, whose blobs links may lead to.
//
// Errors are those of the format's Open, and KindMissingFile for a folder without weights or a shard that is not there,
// KindUnsafePath for a shard name that leaves the folder, KindUnsupportedFormat for a file that no format knows.
func (t Table) Open(path string, caches ...string) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, stored.OpenError(path, err)
	}
	if info.IsDir() {
		return t.openFolder(path, caches)
	}
	format, err := t.Format(path)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, ".json") {
		return openIndex(path, format, caches)
	}
	f, err := format.Open(path)
	if err != nil {
		return nil, err
	}
	return New(f)
}

func (t Table) openFolder(dir string, caches []string) (*Set, error) {
	root, err := folder.Open(dir, failure.StageLoad, caches...)
	if err != nil {
		return nil, err
	}
	rel, err := t.Find(root, "")
	if err != nil {
		return nil, err
	}
	if rel == "" {
		return nil, failure.Errorf(failure.StageLoad, failure.KindMissingFile,
			"%s has no weights; expected one of %s", dir, strings.Join(t.Names(), ", "))
	}
	return t.Open(filepath.Join(dir, rel), caches...)
}
