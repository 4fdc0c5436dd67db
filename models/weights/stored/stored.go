// Package stored describes one file of weights, whatever its format: the tensors it holds and where their bytes are.
// Each format has a folder of its own that fills a File; models/weights makes a model's weights of the files.
package stored

import "github.com/divinedevops/probe/models/tensor"

// MaxRank is the most dimensions a tensor may have; real weights have at most five.
const MaxRank = 8

// Format is one form of weights: how its files are recognized and how one of them is read.
type Format struct {
	// Name is what the report calls it: safetensors.
	Name string
	// Single and Index are the names of the weights in a model's folder: the one file, and the JSON index of several
	// (shards). Index is "" if the format has no such thing.
	Single, Index string
	// Suffixes are the endings, in lower case, of the names of its files.
	Suffixes []string
	// Magic reports whether a file whose name says nothing begins as this format does. It gets up to 16 bytes; nil if the
	// format has no magic number.
	Magic func(head []byte) bool
	// Last is true if a model's folder that has an ONNX graph of any name is run from that instead.
	Last bool
	// Open reads what the file says about its tensors, and no weights. Files are hostile: it must refuse, with a
	// *failure.Error of stage load, whatever does not lie inside the file.
	Open func(path string) (*File, error)
}

// File is one file of weights whose description was read and checked.
type File struct {
	// Path is the file as it was named; it may be a symbolic link, as in a Hugging Face cache snapshot.
	Path string
	// Resolved is the absolute path of the file itself, links followed.
	Resolved string
	// Size is the length of the whole file in bytes.
	Size int64
	// Tensors have different names.
	Tensors []Tensor
	// Config is the model's configuration, as a config.json would have it, if the file carries one.
	Config []byte
}

// Tensor is one tensor of a file. Its bytes are little-endian and row-major.
type Tensor struct {
	Name string
	// DType is tensor.Undefined for types that no engine takes (8-bit and smaller floats); Type names those too.
	DType tensor.DType
	// Type is the format's own name of the type: F32, BF16, F8_E4M3.
	Type string
	// Shape is outermost first; empty for a scalar.
	Shape []int64
	// File is the file that holds it; weights.New sets it.
	File *File
	// Offset is where its bytes begin in the file, Length how many there are.
	Offset, Length int64
	// Make computes the bytes, Length of them, of a tensor that the file holds in another form (dequantized, transposed).
	// It is nil for a tensor whose bytes are in the file as they are; if it is set, Offset means nothing.
	Make func() ([]byte, error)
}

// Elements is the product of the shape, 1 for a scalar.
func (t Tensor) Elements() int64 {
	n := int64(1)
	for _, d := range t.Shape {
		n *= d
	}
	return n
}
