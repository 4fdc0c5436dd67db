package onnx

import (
	"io"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
)

// foreign recognizes files of another format by their first bytes. The sentence it returns goes on from "it"; it is "" if
// the file may be ONNX.
func foreign(r io.ReaderAt, size int64) (failure.Kind, string) {
	b := make([]byte, min(size, folder.HeadSize))
	n, _ := r.ReadAt(b, 0) // a read error comes again, and is reported, when the file is parsed
	c := folder.Identify(b[:n], size)
	if !c.Known() {
		return "", ""
	}
	return c.Kind(), "is " + c.Is + "; " + c.Advice
}
