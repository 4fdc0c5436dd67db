//go:build cgo

package ort

import (
	"os"
	"path/filepath"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
)

// minDetached is the size from which on an initializer is mapped from its file: a page. Smaller ones stay in the graph.
const minDetached = 4 << 10

// detach turns a graph in a file into one in memory whose weights stay in the file, as external data. The library then
// maps them; from the file itself it reads and copies all of them first, which takes twice the time and a third more
// memory (docs/engines.md). A graph in memory is returned as it is; so is one that cannot be detached, about which the
// library then has its own say.
func detach(g engine.Graph) (engine.Graph, error) {
	if g.Path == "" {
		return g, nil
	}
	f, err := os.Open(g.Path)
	if err != nil {
		return g, failure.Errorf(failure.StageLoad, failure.KindNotFound, "cannot read the graph: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return g, failure.Errorf(failure.StageLoad, failure.KindNotFound, "cannot read the graph: %w", err)
	}
	// In a Hugging Face cache the files of a model are links to blobs that lie in one folder. The library follows no
	// link out of the folder it is given, so it is given the folder where the file really is.
	real, err := filepath.EvalSymlinks(g.Path)
	if err != nil {
		return g, failure.Errorf(failure.StageLoad, failure.KindNotFound, "cannot read the graph: %w", err)
	}
	if real, err = filepath.Abs(real); err != nil {
		return g, failure.Errorf(failure.StageLoad, failure.KindNotFound, "cannot read the graph: %w", err)
	}
	dir, within := filepath.Dir(real), true
	rename := func(location string) string {
		rel, ok := relative(dir, filepath.Join(filepath.Dir(g.Path), filepath.FromSlash(location)))
		within = within && ok
		return rel
	}
	b, err := onnx.Detach(f, info.Size(), onnx.Detachment{Self: filepath.Base(real), Min: minDetached, Rename: rename})
	if err != nil || !within || len(b) == 0 {
		return g, nil
	}
	g.Path, g.Bytes, g.DataDir = "", b, dir
	return g, nil
}

// relative returns the path of a file from dir, links resolved; false if it does not lie in dir.
func relative(dir, file string) (string, bool) {
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return "", false
	}
	if real, err = filepath.Abs(real); err != nil {
		return "", false
	}
	rel, err := filepath.Rel(dir, real)
	return filepath.ToSlash(rel), err == nil && filepath.IsLocal(rel)
}
