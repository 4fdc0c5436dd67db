package gomlx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
)

// graphFile is the one graph in the folder that hugot opens, ownData the link to the file it was taken from.
const (
	graphFile = "model.onnx"
	ownData   = "own.data"
)

// minDetached is the size from which on an initializer is read from its file instead of staying in the graph. GoMLX
// wants constants that shapes depend on, which are small, and looks at them more than once.
const minDetached = 4 << 10

// makeFolder makes a folder that holds the graph without its weights, and links to the files that have them. It
// returns what is to be known of the graph's nodes as well.
func makeFolder(tempDir string, g engine.Graph) (_ string, told notes, err error) {
	dir, err := os.MkdirTemp(tempDir, "probe-graph-")
	if err != nil {
		return "", told, failure.Errorf(failure.StageLoad, failure.KindInternal, "cannot make a folder for the graph: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir)
		}
	}()
	var r io.ReaderAt = bytes.NewReader(g.Bytes)
	size, data, self := int64(len(g.Bytes)), g.DataDir, ""
	if g.Path != "" {
		f, err := os.Open(g.Path)
		if err != nil {
			return "", told, failure.Errorf(failure.StageLoad, failure.KindNotFound, "cannot read the graph: %w", err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return "", told, failure.Errorf(failure.StageLoad, failure.KindNotFound, "cannot read the graph: %w", err)
		}
		r, size, data, self = f, info.Size(), filepath.Dir(g.Path), ownData
		if err := link(g.Path, filepath.Join(dir, ownData)); err != nil {
			return "", told, err
		}
	}
	head, err := onnx.ReadHeadFrom(r, size, "the graph")
	if err != nil {
		return "", told, err
	}
	if err := checkOps(head); err != nil {
		return "", told, err
	}
	if err := onnx.CheckExternal(head, data); err != nil {
		return "", told, err
	}
	links := make(map[string]string, len(head.ExternalFiles))
	for i, location := range head.ExternalFiles {
		links[location] = fmt.Sprintf("%d.data", i)
		if err := link(filepath.Join(data, filepath.FromSlash(location)), filepath.Join(dir, links[location])); err != nil {
			return "", told, err
		}
	}
	var outputs []string
	for _, o := range g.Outputs {
		outputs = append(outputs, o.Name)
	}
	graph, err := onnx.Detach(r, size, onnx.Detachment{
		Self: self, Min: minDetached, Inputs: head.InputNames(), Outputs: outputs, Node: repair,
		Rename: func(l string) string { return links[l] },
	})
	if err != nil {
		return "", told, err
	}
	if graph, told, err = rewriteGraph(graph); err != nil {
		return "", told, err
	}
	if err := os.WriteFile(filepath.Join(dir, graphFile), graph, 0o600); err != nil {
		return "", told, failure.Errorf(failure.StageLoad, failure.KindInternal, "cannot write the graph: %w", err)
	}
	return dir, told, nil
}

// link makes a file seen under another name: a symbolic link, or a hard one where the system keeps those to itself
// (Windows).
func link(file, name string) error {
	target, err := filepath.Abs(file)
	if err != nil {
		return failure.Errorf(failure.StageLoad, failure.KindInternal, "cannot link to %s: %w", file, err)
	}
	if err := os.Symlink(target, name); err != nil {
		if hard := os.Link(target, name); hard != nil {
			return failure.Errorf(failure.StageLoad, failure.KindInternal, "cannot link to %s: %w", file, errors.Join(err, hard))
		}
	}
	return nil
}
