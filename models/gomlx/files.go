package gomlx

import (
	"fmt"
	"os"

	"github.com/gomlx/onnx-gomlx/onnx"

	"github.com/divinedevops/probe/models/folder"
)

// files are the files that hold the weights of one graph, each opened once. The graph knows them by aliases, so that no name
// of it is ever a path.
type files struct {
	byAlias map[string]*os.File
	aliases map[string]string // by the location that the graph names
}

// open opens a file that the graph calls location.
func (f *files) open(location, path string) (*os.File, error) {
	file, err := folder.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	if f.byAlias == nil {
		f.byAlias, f.aliases = map[string]*os.File{}, map[string]string{}
	}
	alias := location
	if location != ownData {
		alias = fmt.Sprintf("%d.data", len(f.byAlias))
	}
	f.byAlias[alias], f.aliases[location] = file, alias
	return file, nil
}

// alias is the name in the rewritten graph of a location in the original.
func (f *files) alias(location string) string { return f.aliases[location] }

// ReadInto fills out with the bytes of one tensor. See onnx.ExternalDataReader.
func (f *files) ReadInto(info onnx.ExternalDataInfo, out []byte) error {
	file := f.byAlias[info.Location]
	if file == nil {
		return fmt.Errorf("the graph names the file %q, which was not opened", info.Location)
	}
	if _, err := file.ReadAt(out, info.Offset); err != nil {
		return fmt.Errorf("reading %d bytes at byte %d of the weights: %w", len(out), info.Offset, err)
	}
	return nil
}

// Close does nothing: GoMLX calls it after each series of reads, and may read again. The session closes the files.
func (f *files) Close() error { return nil }

func (f *files) close() {
	for _, file := range f.byAlias {
		_ = file.Close() // opened for reading alone
	}
}
