// Package safetensors reads model weights in the safetensors format without trusting them.
//
// A file is 8 bytes (the header's length, little-endian), a JSON header that names every tensor with its type, shape
// and place, and the tensors' bytes. Only the header is read here; the weights stay where they are and are mapped by
// the engine that runs them, or read one tensor at a time.
//
// The format is defined in https://github.com/huggingface/safetensors (README, "Format").
package safetensors

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/tensor"
)

// MaxHeader is the largest header the format allows, in bytes.
const MaxHeader = 100_000_000

// MaxRank is the most dimensions a tensor may have here; real weights have at most five.
const MaxRank = 8

// File is one safetensors file whose header was read and checked.
type File struct {
	// Path is the file as it was named; it may be a symbolic link, as in a Hugging Face cache snapshot.
	Path string
	// Resolved is the absolute path of the file itself, links followed.
	Resolved string
	// Size is the whole file's length in bytes.
	Size int64
	// DataOffset is where the tensors' bytes begin: 8 plus the header's length.
	DataOffset int64
	// Tensors are in the order of their bytes in the file.
	Tensors []TensorInfo
	// Metadata is the header's __metadata__ object; nil where there is none.
	Metadata map[string]string

	index        map[string]int
	headerDigest [sha256.Size]byte
}

// TensorInfo is what the header says of one tensor, checked against the file's length.
type TensorInfo struct {
	Name string
	// DType is tensor.Undefined for types that no engine takes (the 8-bit and smaller floats); Type names those too.
	DType tensor.DType
	// Type is the header's own name of the type: F32, BF16, F8_E4M3.
	Type string
	// Shape is outermost first; empty for a scalar.
	Shape []int64
	// Offset is absolute in the file, Length in bytes.
	Offset, Length int64
	// File is where it lies.
	File *File
}

// Elements is the product of the shape, 1 for a scalar.
func (t TensorInfo) Elements() int64 {
	n := int64(1)
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// Open reads and checks the header of a safetensors file. Nothing else of the file is read.
//
// Errors are *failure.Error of stage load: KindMissingFile, KindEmptyFile, KindTruncated (the file ends before its
// header or its last tensor), KindTooLarge (a header beyond MaxHeader), KindInvalidFormat (everything else, by name).
func Open(path string) (*File, error) {
	resolved, err := filepath.EvalSymlinks(path)
	if err == nil {
		resolved, err = filepath.Abs(resolved)
	}
	if err != nil {
		return nil, openError(path, err)
	}
	f, err := folder.OpenRegular(resolved)
	if err != nil {
		return nil, openError(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, openError(path, err)
	}
	file := &File{Path: path, Resolved: resolved, Size: info.Size()}
	header, err := file.readHeader(f)
	if err != nil {
		return nil, err
	}
	if err := file.parse(header); err != nil {
		return nil, err
	}
	h := sha256.New()
	h.Write(header)
	h.Write([]byte(strconv.FormatInt(file.Size, 10)))
	h.Sum(file.headerDigest[:0])
	return file, nil
}

func openError(path string, err error) error {
	kind := failure.KindInvalidFormat
	if errors.Is(err, fs.ErrNotExist) {
		kind = failure.KindMissingFile
	}
	return failure.Errorf(failure.StageLoad, kind, "opening %s: %w", path, err)
}

// readHeader reads the length and the header's bytes, after checking both against the file's size.
func (f *File) readHeader(r io.ReaderAt) ([]byte, error) {
	head := make([]byte, min(f.Size, folder.HeadSize))
	n, _ := r.ReadAt(head, 0) // a read error comes again below
	found := folder.Identify(head[:n], f.Size)
	switch {
	case f.Size == 0:
		return nil, failure.Errorf(failure.StageLoad, failure.KindEmptyFile, "%s is empty (0 bytes); download it again", f.Path)
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
	f.DataOffset = 8 + int64(size)
	if f.DataOffset > f.Size {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTruncated,
			"%s: the header ends at byte %d but the file at %d; download it again", f.Path, f.DataOffset, f.Size)
	}
	header := make([]byte, size)
	if _, err := r.ReadAt(header, 8); err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTruncated, "%s: reading the header: %w", f.Path, err)
	}
	return header, nil
}

// Lookup finds a tensor by its name.
func (f *File) Lookup(name string) (TensorInfo, bool) {
	i, ok := f.index[name]
	if !ok {
		return TensorInfo{}, false
	}
	return f.Tensors[i], true
}

// HeaderDigest is the sha256, in hexadecimal, of the header's bytes and the file's size. It changes with any name,
// shape, type or place of a tensor, not with the weights' values.
func (f *File) HeaderDigest() string { return hex.EncodeToString(f.headerDigest[:]) }
