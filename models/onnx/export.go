package onnx

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx/pb"
)

// MaxInside is the largest model with its weights inside, in bytes: protobuf messages end at 2 GiB.
const MaxInside = 1<<31 - 1

// pageSize is what ONNX recommends offsets of external data to be multiples of, so that they can be mapped
// (https://github.com/onnx/onnx/blob/main/docs/ExternalData.md).
const pageSize = 4096

// Export writes the model with its weights inside, as an ordinary .onnx file. External initializers are read from
// dir, one buffer at a time, so that it needs little memory.
//
// Errors: *failure.Error of KindTooLarge beyond MaxInside, of KindTruncated where a weight file became shorter; else
// those of w.
func (b *Builder) Export(w io.Writer, dir string) error {
	size := b.insideSize()
	if size > MaxInside {
		return failure.Errorf(failure.StageLoad, failure.KindTooLarge,
			"the model would have %d bytes with its weights inside, and an .onnx file ends at %d; write the weights to a file "+
				"of their own", size, MaxInside)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	files := weightFiles{dir: dir}
	defer files.close()
	err := b.writeInside(out, &files)
	if err != nil {
		return err
	}
	return out.Flush()
}

// ExportExternal writes the model to w and its weights to data, whose file the model names as location: a plain file
// name in the model's folder. Constants of a few bytes stay inside the model.
//
// Errors are those of Export but for the size.
func (b *Builder) ExportExternal(w, data io.Writer, location, dir string) error {
	moved := *b
	moved.initializers = make([]Initializer, len(b.initializers))
	out := bufio.NewWriterSize(data, 1<<16)
	files := weightFiles{dir: dir}
	defer files.close()
	end := int64(0)
	for i, t := range b.initializers {
		if t.External.Location != "" {
			padding := (pageSize - end%pageSize) % pageSize
			if _, err := out.Write(make([]byte, padding)); err != nil {
				return err
			}
			if err := files.copy(out, t); err != nil {
				return err
			}
			end += padding
			t.External = External{Location: location, Offset: end, Length: t.External.Length}
			end += t.External.Length
		}
		moved.initializers[i] = t
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, err := w.Write(moved.Bytes())
	return err
}

// writeInside writes the same fields as Bytes, in the same order, with the weights copied in.
func (b *Builder) writeInside(w io.Writer, files *weightFiles) error {
	graph := b.encodeNodes()
	head := b.encodeHead()
	head = protowire.AppendTag(head, pb.ModelGraph, protowire.BytesType)
	head = protowire.AppendVarint(head, uint64(b.graphSize()))
	if _, err := w.Write(append(head, graph...)); err != nil {
		return err
	}
	for _, t := range b.initializers {
		if err := writeTensor(w, t, files); err != nil {
			return err
		}
	}
	_, err := w.Write(b.encodeValues())
	return err
}

func writeTensor(w io.Writer, t Initializer, files *weightFiles) error {
	p := t.encodeType()
	p = protowire.AppendTag(p, pb.TensorRaw, protowire.BytesType)
	p = protowire.AppendVarint(p, uint64(t.dataLength()))
	head := protowire.AppendTag(nil, pb.GraphInitializer, protowire.BytesType)
	head = protowire.AppendVarint(head, uint64(int64(len(p))+t.dataLength()))
	if _, err := w.Write(append(head, p...)); err != nil {
		return err
	}
	if t.External.Location == "" {
		_, err := w.Write(t.Raw)
		return err
	}
	return files.copy(w, t)
}

func (t Initializer) dataLength() int64 {
	if t.External.Location == "" {
		return int64(len(t.Raw))
	}
	return t.External.Length
}

// insideSize is the length of the whole ModelProto with the weights inside.
func (b *Builder) insideSize() int64 {
	n := b.graphSize()
	return int64(len(b.encodeHead())) + int64(protowire.SizeTag(pb.ModelGraph)+protowire.SizeVarint(uint64(n))) + n
}

func (b *Builder) graphSize() int64 {
	n := int64(len(b.encodeNodes()) + len(b.encodeValues()))
	for _, t := range b.initializers {
		length := t.dataLength()
		body := int64(len(t.encodeType())+protowire.SizeTag(pb.TensorRaw)+protowire.SizeVarint(uint64(length))) + length
		n += int64(protowire.SizeTag(pb.GraphInitializer)+protowire.SizeVarint(uint64(body))) + body
	}
	return n
}

// weightFiles keeps the file of the last external tensor open, because most models have one.
type weightFiles struct {
	dir      string
	location string
	file     *os.File
}

func (f *weightFiles) copy(w io.Writer, t Initializer) error {
	e := t.External
	if f.file == nil || f.location != e.Location {
		f.close()
		file, err := os.Open(filepath.Join(f.dir, filepath.FromSlash(e.Location)))
		if err != nil {
			return fmt.Errorf("weights of %q: %w", t.Name, err)
		}
		f.file, f.location = file, e.Location
	}
	n, err := io.Copy(w, io.NewSectionReader(f.file, e.Offset, e.Length))
	if err == nil && n != e.Length {
		err = failure.Errorf(failure.StageLoad, failure.KindTruncated,
			"%s: expected %d bytes of tensor %q at byte %d, found %d", e.Location, e.Length, t.Name, e.Offset, n)
	}
	return err
}

func (f *weightFiles) close() {
	if f.file != nil {
		_ = f.file.Close()
		f.file = nil
	}
}
