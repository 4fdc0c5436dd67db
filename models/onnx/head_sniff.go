package onnx

import (
	"bytes"
	"io"

	"github.com/divinedevops/probe/models/failure"
)

// foreign recognizes files of another format by their first bytes, for "invalid protobuf" helps nobody who has saved a web
// page. The sentence it gives goes on from "it"; it is "" where the file may be ONNX.
func foreign(r io.ReaderAt, size int64) (failure.Kind, string) {
	b := make([]byte, min(size, 64))
	n, _ := r.ReadAt(b, 0) // a read error comes again, and is reported, when the file is parsed
	b = b[:n]
	text := bytes.ToLower(bytes.TrimLeft(b, " \t\r\n\ufeff"))
	switch {
	case bytes.HasPrefix(b, []byte("version https://git-lfs")):
		return failure.KindInvalidFormat, "is a Git LFS pointer, not the model; fetch the model with `git lfs pull`"
	case bytes.HasPrefix(text, []byte("<!doctype html")), bytes.HasPrefix(text, []byte("<html")):
		return failure.KindInvalidFormat, "is a web page, not the model; download the file itself"
	case bytes.HasPrefix(text, []byte("<?xml")):
		return failure.KindInvalidFormat, "is XML (an OpenVINO graph, perhaps)"
	case bytes.HasPrefix(text, []byte("{")):
		return failure.KindInvalidFormat, "is JSON"
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return failure.KindInvalidFormat, "is a zip archive (a PyTorch checkpoint, perhaps)"
	case bytes.HasPrefix(b, []byte("\x80\x02")), bytes.HasPrefix(b, []byte("\x80\x04")):
		return failure.KindInvalidFormat, "is a Python pickle (a PyTorch checkpoint, perhaps)"
	case bytes.HasPrefix(b, []byte("\x1f\x8b")), bytes.HasPrefix(b, []byte("\x28\xb5\x2f\xfd")):
		return failure.KindInvalidFormat, "is compressed; unpack it first"
	case bytes.HasPrefix(b, []byte("GGUF")):
		return failure.KindUnsupportedFormat, "is a GGUF file of llama.cpp"
	case bytes.HasPrefix(b, []byte("\x89HDF")):
		return failure.KindUnsupportedFormat, "is HDF5 (Keras weights, perhaps)"
	case len(b) >= 8 && string(b[4:8]) == "ORTM":
		return failure.KindUnsupportedFormat, "is in ONNX Runtime's own .ort format; give the .onnx file it was made from"
	case len(b) >= 8 && string(b[4:8]) == "TFL3":
		return failure.KindUnsupportedFormat, "is a TensorFlow Lite model"
	case isSafetensors(b, size):
		return failure.KindInvalidFormat, "is a safetensors file; give the folder it is in"
	}
	return "", ""
}
