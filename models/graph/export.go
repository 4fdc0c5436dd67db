package graph

import "io"

// Export writes the graph as an ordinary .onnx file with the weights inside, in the type they are stored in. Models
// beyond 2 GiB fail with KindTooLarge (the limit of protobuf); ExportExternal writes those.
func (r *Result) Export(w io.Writer) error { return r.out.Export(w, r.Graph.DataDir) }

// ExportExternal writes the graph to w and the weights to data. location is the plain name of data's file, which must
// lie in the same folder as the model.
func (r *Result) ExportExternal(w, data io.Writer, location string) error {
	return r.out.ExportExternal(w, data, location, r.Graph.DataDir)
}
