package onnx

import (
	"os"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
)

// memoryAddress is how ONNX Runtime marks data at an address of its own process. A file has no business with it: the
// runtime would read that memory.
const memoryAddress = "*/"

// CheckExternal looks at the external data of a graph before an engine follows it. dir is the folder of the .onnx file,
// which the locations are relative to. Every location must be a relative path inside dir, without "..", and not a link
// out of it (but into the blobs of the same Hugging Face cache entry, as all files of a snapshot are); the file must be
// there and hold every tensor's bytes.
// caches are the user's Hugging Face caches, whose blobs links may lead to as well.
//
// Errors are *failure.Error of stage load: KindUnsafePath, KindMissingFile, KindEmptyFile, KindTruncated,
// KindInvalidFormat. Without external data it does nothing.
// Source: https://github.com/onnx/onnx/blob/main/docs/ExternalData.md.
func CheckExternal(h *Head, dir string, caches ...string) error {
	if len(h.ExternalFiles) == 0 {
		return nil
	}
	root, err := folder.Open(dir, failure.StageLoad, caches...)
	if err != nil {
		return err
	}
	sizes := make(map[string]int64, len(h.ExternalFiles))
	for _, location := range h.ExternalFiles {
		if sizes[location], err = externalSize(root, location); err != nil {
			return err
		}
	}
	for _, t := range h.Tensors {
		if t.External != nil {
			if err := checkRange(t, sizes[t.External.Location]); err != nil {
				return err
			}
		}
	}
	return nil
}

func externalSize(root *folder.Root, location string) (int64, error) {
	if strings.HasPrefix(location, memoryAddress) {
		return 0, failure.Errorf(failure.StageLoad, failure.KindUnsafePath,
			"expected external data in a file, found the memory address mark %q", location)
	}
	path, err := root.Path(location)
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, failure.Errorf(failure.StageLoad, failure.KindMissingFile, "external data %s: %w", location, err)
	}
	if !info.Mode().IsRegular() {
		return 0, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
			"external data %s: expected a regular file, found %s", location, info.Mode().Type())
	}
	if info.Size() == 0 {
		return 0, failure.Errorf(failure.StageLoad, failure.KindEmptyFile, "external data %s is empty (0 bytes)", location)
	}
	return info.Size(), nil
}

// checkRange reports whether a file of size bytes holds the tensor.
func checkRange(t TensorHead, size int64) error {
	e := t.External
	length := e.Length
	if length < 0 {
		length = t.Bytes
	}
	if bitsOf(t.DType) > 0 && length != t.Bytes {
		return failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
			"tensor %q: %s of shape %v needs %d bytes, its external data are %d", t.Name, t.DType, t.Dims, t.Bytes, length)
	}
	if e.Offset > size-length {
		return failure.Errorf(failure.StageLoad, failure.KindTruncated,
			"external data %s: tensor %q ends at byte %d, the file has %d; copy or download it again",
			e.Location, t.Name, e.Offset+length, size)
	}
	return nil
}
