// Package safetensors reads what a file in the safetensors format says about its tensors, without trusting it.
//
// A file is 8 bytes (the header's length, little-endian), a JSON header that names every tensor with its type, shape
// and place, and the tensors' bytes. Only the header is read here; the weights stay where they are.
//
// The format is defined in https://github.com/huggingface/safetensors (README, "Format").
package safetensors

import (
	"encoding/binary"
	"io"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/weights/stored"
)

// MaxHeader is the largest header the format allows, in bytes.
const MaxHeader = 100_000_000

// SingleName is the name of the weights in a model's folder (transformers' SAFE_WEIGHTS_NAME).
const SingleName = "model.safetensors"

// Format is safetensors. It has no magic number: a file is recognized by its name.
var Format = stored.Format{
	Name: "safetensors", Single: SingleName, Index: SingleName + ".index.json",
	Suffixes: []string{".safetensors"}, Open: Open,
}

// Open reads and checks the header of a safetensors file; nothing else of the file is read. The tensors are in the order
// of their bytes.
//
// Errors are those of stored.Open, and KindTruncated (the file ends before its header or its last tensor), KindTooLarge
// (a header beyond MaxHeader), KindInvalidFormat (everything else, by name).
func Open(path string) (*stored.File, error) {
	file, r, err := stored.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	f := &reader{File: file}
	header, err := f.readHeader(r)
	if err != nil {
		return nil, err
	}
	if err := f.parse(header); err != nil {
		return nil, err
	}
	return file, nil
}

// reader is a file whose header is being read.
type reader struct {
	*stored.File
	dataOffset int64 // where the tensors' bytes begin: 8 plus the header's length
}

// readHeader reads the length and the header's bytes, after checking both against the file's size.
func (f *reader) readHeader(r io.ReaderAt) ([]byte, error) {
	found := f.Identify(r)
	switch {
	case found.Known() && found.Format != folder.FormatSafetensors:
		return nil, failure.Errorf(failure.StageLoad, found.Kind(), "%s is not a safetensors file: %w", f.Path, found.Err())
	case f.Size < 8:
		return nil, failure.Errorf(failure.StageLoad, failure.KindTruncated,
			"%s: expected at least 8 bytes of header length, found %d; download it again", f.Path, f.Size)
	}
	var length [8]byte
	if _, err := r.ReadAt(length[:], 0); err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTruncated, "%s: reading the header length: %w", f.Path, err)
	}
	size := binary.LittleEndian.Uint64(length[:])
	if size > MaxHeader {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTooLarge,
			"%s: header length %d is beyond the format's limit of %d bytes; this is not a safetensors file", f.Path, size, MaxHeader)
	}
	f.dataOffset = 8 + int64(size)
	if f.dataOffset > f.Size {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTruncated,
			"%s: the header ends at byte %d but the file at %d; download it again", f.Path, f.dataOffset, f.Size)
	}
	header := make([]byte, size)
	if _, err := r.ReadAt(header, 8); err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTruncated, "%s: reading the header: %w", f.Path, err)
	}
	return header, nil
}
