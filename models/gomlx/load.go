package gomlx

import (
	"bytes"
	"io"
	"path/filepath"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
)

// ownData is the name under which the rewritten graph knows the file that it was taken from.
const ownData = "own.data"

// minDetached is the size from which on an initializer is read from its file instead of staying in the graph. GoMLX
// wants constants that shapes depend on, which are small, and looks at them more than once.
const minDetached = 4 << 10

// load reads a graph and makes it one that GoMLX converts correctly: without its weights, which stay in their files. It
// returns the serialized graph, what is to be known of its nodes, and the opened files that hold the weights; the caller closes them.
func load(g engine.Graph) (graph []byte, told notes, _ *files, err error) {
	data := &files{}
	defer func() {
		if err != nil {
			data.close()
		}
	}()
	var r io.ReaderAt = bytes.NewReader(g.Bytes)
	size, dir, self := int64(len(g.Bytes)), g.DataDir, ""
	if g.Path != "" {
		f, err := data.open(ownData, g.Path)
		if err != nil {
			return nil, told, nil, failure.Errorf(failure.StageLoad, failure.KindNotFound, "cannot read the graph: %w", err)
		}
		info, err := f.Stat()
		if err != nil {
			return nil, told, nil, failure.Errorf(failure.StageLoad, failure.KindNotFound, "cannot read the graph: %w", err)
		}
		r, size, dir, self = f, info.Size(), filepath.Dir(g.Path), ownData
	} else if g.Bytes != nil && len(g.Bytes) == 0 {
		return nil, told, nil, failure.Errorf(failure.StageLoad, failure.KindEmptyFile, "the graph is empty (0 bytes)")
	}
	head, err := onnx.ReadHeadFrom(r, size, "the graph")
	if err != nil {
		return nil, told, nil, err
	}
	if err := checkOps(head); err != nil {
		return nil, told, nil, err
	}
	if err := onnx.CheckExternal(head, dir, g.Caches...); err != nil {
		return nil, told, nil, err
	}
	for _, location := range head.ExternalFiles {
		path := filepath.Join(dir, filepath.FromSlash(location))
		if _, err := data.open(location, path); err != nil {
			return nil, told, nil, failure.Errorf(failure.StageLoad, failure.KindMissingFile, "external data %s: %w", location, err)
		}
	}
	var outputs []string
	for _, o := range g.Outputs {
		outputs = append(outputs, o.Name)
	}
	graph, err = onnx.Detach(r, size, onnx.Detachment{
		Self: self, Min: minDetached, Inputs: head.InputNames(), Outputs: outputs, Node: repair, Rename: data.alias,
	})
	if err != nil {
		return nil, told, nil, err
	}
	graph, told, err = rewriteGraph(graph)
	return graph, told, data, err
}
