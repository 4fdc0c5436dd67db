package onnx_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/onnx/pb"
)

func kindOf(t testing.TB, err error) failure.Kind {
	t.Helper()
	if err == nil {
		return ""
	}
	var e *failure.Error
	if !errors.As(err, &e) {
		t.Fatalf("expected an *failure.Error, found %T: %v", err, err)
	}
	if e.Stage != failure.StageLoad {
		t.Errorf("expected stage load, found %s: %v", e.Stage, err)
	}
	return e.Kind
}

// modelOf is a ModelProto with the graph's bytes.
func modelOf(graph []byte) []byte {
	return pb.AppendBytes(pb.AppendBytes(pb.AppendInt(nil, 1, 8), 7, graph), 8, pb.AppendInt(nil, 2, 17))
}

// nest wraps a node's graph in depth more nodes.
func nest(depth int) []byte {
	var graph []byte
	for range depth {
		attribute := pb.AppendBytes(pb.AppendBytes(nil, 1, []byte("g")), 6, graph)
		graph = pb.AppendBytes(nil, 1, pb.AppendBytes(pb.AppendBytes(nil, 4, []byte("If")), 5, attribute))
	}
	return graph
}

func initializer(fields ...[]byte) []byte {
	return modelOf(pb.AppendBytes(nil, 5, bytes.Join(fields, nil)))
}

func TestForeignAndDamagedFiles(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile(headPath("plain"))
	if err != nil {
		t.Fatal(err)
	}
	name, float := pb.AppendBytes(nil, 8, []byte("w")), pb.AppendInt(nil, 2, 1)
	tests := map[string]struct {
		data []byte
		kind failure.Kind
		says string
	}{
		"empty":              {nil, failure.KindEmptyFile, "empty"},
		"pointer":            {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"), failure.KindInvalidFormat, "Git LFS pointer"},
		"web page":           {[]byte("<!DOCTYPE html><html>"), failure.KindInvalidFormat, "web page"},
		"json":               {[]byte(`{"error":"not found"}`), failure.KindInvalidFormat, "JSON"},
		"zip":                {[]byte("PK\x03\x04abcdefgh"), failure.KindInvalidFormat, "zip"},
		"pickle":             {[]byte("\x80\x02}q\x00abcdefgh"), failure.KindInvalidFormat, "pickle"},
		"gguf":               {[]byte("GGUF\x03\x00\x00\x00"), failure.KindUnsupportedFormat, "GGUF"},
		"ort":                {[]byte("\x1c\x00\x00\x00ORTM\x00\x00"), failure.KindUnsupportedFormat, ".ort"},
		"safetensors":        {append([]byte{2, 0, 0, 0, 0, 0, 0, 0}, "{}"...), failure.KindInvalidFormat, "safetensors"},
		"text":               {[]byte("hello, this is not a model at all\n"), failure.KindInvalidFormat, "not a valid ONNX"},
		"zeros":              {make([]byte, 4096), failure.KindInvalidFormat, "not a valid ONNX"},
		"ones":               {bytes.Repeat([]byte{0xff}, 4096), failure.KindInvalidFormat, "not a valid ONNX"},
		"no graph":           {pb.AppendBytes(pb.AppendInt(nil, 1, 8), 8, pb.AppendInt(nil, 2, 17)), failure.KindInvalidFormat, "no graph"},
		"two graphs":         {append(modelOf(nil), modelOf(nil)...), failure.KindInvalidFormat, "second graph"},
		"cut in the graph":   {good[:len(good)/2], failure.KindTruncated, "cut off"},
		"cut before graph":   {good[:18], failure.KindTruncated, "cut off"},
		"graph as a number":  {pb.AppendInt(pb.AppendInt(nil, 1, 8), 7, 1), failure.KindInvalidFormat, "wire type"},
		"group":              {protowire.AppendTag(pb.AppendInt(nil, 1, 8), 3, protowire.StartGroupType), failure.KindInvalidFormat, "wire type 3"},
		"field over the end": {modelOf(protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.BytesType), 99)), failure.KindInvalidFormat, "end of its message"},
		"long varint":        {modelOf(bytes.Repeat([]byte{0x80}, 12)), failure.KindInvalidFormat, "64 bits"},
		"nested":             {modelOf(nest(200)), failure.KindTooLarge, "deep"},
		"long name":          {initializer(pb.AppendBytes(nil, 8, make([]byte, 1<<20)), float), failure.KindTooLarge, "name"},
		"negative dimension": {initializer(name, float, pb.AppendInt(nil, 1, -1)), failure.KindInvalidFormat, "dimension -1"},
		"huge tensor":        {initializer(name, float, pb.AppendInt(nil, 1, 1<<40), pb.AppendInt(nil, 1, 1<<40)), failure.KindTooLarge, "shape"},
		"claims more":        {initializer(name, float, pb.AppendInt(nil, 1, 1<<30), pb.AppendBytes(nil, 9, make([]byte, 4))), failure.KindInvalidFormat, "needs 4294967296 bytes"},
		"no data":            {initializer(name, float, pb.AppendInt(nil, 1, 1<<30)), failure.KindInvalidFormat, "no data"},
		"many dimensions":    {initializer(name, float, bytes.Repeat(pb.AppendInt(nil, 1, 1), 100)), failure.KindTooLarge, "dimensions"},
		"external nowhere":   {initializer(name, float, pb.AppendInt(nil, 14, 1)), failure.KindInvalidFormat, "no location"},
		"external offset": {
			initializer(name, float, pb.AppendInt(nil, 14, 1), pb.AppendBytes(nil, 13, pb.AppendBytes(pb.AppendBytes(nil, 1, []byte("offset")), 2, []byte("-8")))),
			failure.KindInvalidFormat, "number of bytes",
		},
	}
	for what, test := range tests {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "model.onnx")
			if err := os.WriteFile(path, test.data, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := onnx.ReadHead(path)
			if kind := kindOf(t, err); kind != test.kind {
				t.Fatalf("expected %s, found %q: %v", test.kind, kind, err)
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("expected %q in: %v", test.says, err)
			}
		})
	}
}

// TestEveryCut reads every prefix of a good file: none may succeed but the ones that lose only what follows the graph.
func TestEveryCut(t *testing.T) {
	t.Parallel()
	for name := range headCases(t) {
		data, err := os.ReadFile(headPath(name))
		if err != nil {
			t.Fatal(err)
		}
		for n := range data {
			_, err := onnx.ReadHeadFrom(bytes.NewReader(data[:n]), int64(n), name)
			kind := kindOf(t, err)
			switch {
			case n == 0 && kind == failure.KindEmptyFile:
			case n < 4 && kind == failure.KindInvalidFormat:
			case kind == failure.KindTruncated, err == nil:
			default:
				t.Errorf("%s cut to %d bytes: %v", name, n, err)
			}
			if err == nil && n < len(data)-200 {
				t.Errorf("%s cut to %d bytes of %d: no error", name, n, len(data))
			}
		}
	}
}

func TestMissingAndOddFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := onnx.ReadHead(filepath.Join(dir, "none.onnx")); kindOf(t, err) != failure.KindNotFound {
		t.Errorf("missing: %v", err)
	}
	if _, err := onnx.ReadHead(dir); kindOf(t, err) != failure.KindInvalidFormat {
		t.Errorf("folder: %v", err)
	}
}

// shrinking is a file that has become shorter than it said.
type shrinking struct{ *bytes.Reader }

func TestShrinkingFile(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(headPath("plain"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = onnx.ReadHeadFrom(shrinking{bytes.NewReader(data[:40])}, int64(len(data)), "m")
	if kindOf(t, err) != failure.KindTruncated {
		t.Errorf("expected truncated, found %v", err)
	}
}

func FuzzReadHead(f *testing.F) {
	files, err := filepath.Glob(headPath("*"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(modelOf(nest(40)))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := onnx.ReadHeadFrom(bytes.NewReader(data), int64(len(data)), "m")
		if err != nil {
			kindOf(t, err)
			return
		}
		total := 0
		for _, n := range h.Ops {
			total += n
		}
		if total != h.Nodes {
			t.Errorf("%d nodes, %d operators", h.Nodes, total)
		}
		for _, tensor := range h.Tensors {
			if tensor.Bytes < 0 || tensor.Elements() < 0 {
				t.Errorf("tensor %+v", tensor)
			}
		}
		for _, info := range append(h.Inputs, h.Outputs...) {
			if len(info.Shape) != len(info.Symbols) {
				t.Errorf("value %+v", info)
			}
		}
		_ = h.RequiredOps()
		if err := onnx.CheckExternal(h, dir); err != nil {
			kindOf(t, err)
		} else if len(h.ExternalFiles) > 0 {
			t.Errorf("external data %q in an empty folder", h.ExternalFiles)
		}
	})
}

// TestPackedDimensions: proto3 writers pack repeated numbers, the onnx library (proto2) does not; both are valid.
func TestPackedDimensions(t *testing.T) {
	t.Parallel()
	packed := pb.AppendBytes(nil, 1, []byte{2, 0x80, 0x01}) // 2 and 128
	read := func(dims []byte) (*onnx.Head, error) {
		data := initializer(pb.AppendBytes(nil, 8, []byte("w")), pb.AppendInt(nil, 2, 3), dims, pb.AppendBytes(nil, 9, make([]byte, 256)))
		return onnx.ReadHeadFrom(bytes.NewReader(data), int64(len(data)), "m")
	}
	h, err := read(packed)
	if err != nil || len(h.Tensors) != 1 || h.Tensors[0].Elements() != 256 || len(h.Tensors[0].Dims) != 2 {
		t.Errorf("packed: %+v, %v", h, err)
	}
	for what, dims := range map[string][]byte{
		"a number cut off": pb.AppendBytes(nil, 1, []byte{2, 0x80}),
		"too many":         pb.AppendBytes(nil, 1, bytes.Repeat([]byte{1}, 65)),
		"32-bit dimension": append(protowire.AppendTag(nil, 1, protowire.Fixed32Type), 2, 0, 0, 0),
	} {
		if _, err := read(dims); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}
