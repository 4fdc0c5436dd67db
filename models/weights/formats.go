package weights

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/weights/safetensors"
	"github.com/divinedevops/probe/models/weights/stored"
	"github.com/divinedevops/probe/models/weights/torch"
)

// formats is the table of formats, the preferred ones first. A format is added with a folder of its own and a line here.
var formats = Table{
	safetensors.Format,
	torch.Format,
}

// Table is a list of formats, the preferred ones first.
type Table []stored.Format

// Formats returns the formats that are read. A caller may append formats of its own and use the result.
func Formats() Table { return append(Table(nil), formats...) }

// Find returns the path, relative to the root, of the weights in the folder rel of a model: the one file of the first
// format that has one there, or its index of shards. It is "" if there are none.
//
// A link that leads nowhere or out of the model is an error, that of root.Path: those weights are meant and cannot be
// had.
func (t Table) Find(root *folder.Root, rel string) (string, error) {
	for _, f := range t {
		for _, name := range (Table{f}).Names() {
			path := filepath.ToSlash(filepath.Join(rel, name))
			if !root.Listed(path) {
				continue
			}
			_, err := root.Path(path)
			return path, err
		}
	}
	return "", nil
}

// Names are the names that weights have in a model's folder, in the order in which Find looks for them.
func (t Table) Names() []string {
	var names []string
	for _, f := range t {
		for _, name := range []string{f.Single, f.Index} {
			if name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// Format returns the format of a file: by its name, or if that says nothing by how the file begins.
func (t Table) Format(path string) (stored.Format, error) {
	base := filepath.Base(path)
	for _, f := range t {
		if base == f.Index {
			return f, nil
		}
	}
	for _, f := range t {
		for _, suffix := range f.Suffixes {
			if strings.HasSuffix(strings.ToLower(base), suffix) {
				return f, nil
			}
		}
	}
	if head, err := firstBytes(path); err == nil {
		for _, f := range t {
			if f.Magic != nil && f.Magic(head) {
				return f, nil
			}
		}
	}
	if _, err := os.Stat(path); err != nil {
		return stored.Format{}, stored.OpenError(path, err)
	}
	return stored.Format{}, failure.Errorf(failure.StageLoad, failure.KindUnsupportedFormat,
		"%s is not in a format that is read; those are %s", path, strings.Join(t.formatNames(), ", "))
}

func (t Table) formatNames() []string {
	names := make([]string, len(t))
	for i, f := range t {
		names[i] = f.Name
	}
	return names
}

func firstBytes(path string) ([]byte, error) {
	f, err := folder.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 16)
	n, err := f.ReadAt(head, 0)
	if n > 0 {
		err = nil
	}
	return head[:n], err
}
