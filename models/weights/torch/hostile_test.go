package torch

import (
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
)

const (
	unsupportedFormat = failure.KindUnsupportedFormat
	invalidFormat     = failure.KindInvalidFormat
	truncated         = failure.KindTruncated
	large             = failure.KindTooLarge
)

type hostileFile struct {
	name string
	data []byte
	kind failure.Kind
	says string
}

// inZip are pickles, each in an otherwise sound archive.
func inZip() []hostileFile {
	system := name("os", "system") + tupleOf(text("touch ran")) + "R"
	s := func(count int64) string { return storageOf("FloatStorage", "0", count) }
	one := func(tensor string) string { return dictOf(member("a", tensor)) }
	pickles := []struct {
		name, pickle string
		kind         failure.Kind
		says         string
	}{
		{"code by REDUCE", proto2 + system + stop, unsupportedFormat, `names "os.system"`},
		{"code in a value", dictOf(member("a", good), member("b", system)), unsupportedFormat, `names "os.system"`},
		{"code by STACK_GLOBAL", "\x80\x04\x8c\x02os\x8c\x06system\x93)R.", unsupportedFormat, `names "os.system"`},
		{"builtins", proto2 + name("__builtin__", "eval") + tupleOf(text("1")) + "R.", unsupportedFormat, `"__builtin__.eval"`},
		{"an attribute of a known module", proto2 + name("torch._utils", "_import_dotted_name") + ".", unsupportedFormat, "_import_dotted_name"},
		{"a dotted name", "\x80\x04\x8c\x0ccollections\x8c", truncated, "ends too soon"},
		{"code by INST", proto2 + "(" + text("x") + "ios\nsystem\n.", unsupportedFormat, `instance of "os.system" (INST)`},
		{"code by OBJ", proto2 + "(" + name("collections", "OrderedDict") + "o.", unsupportedFormat, "makes an object"},
		{"code by NEWOBJ", proto2 + name("collections", "OrderedDict") + ")\x81.", unsupportedFormat, "NEWOBJ"},
		{"code by NEWOBJ_EX", proto2 + name("collections", "OrderedDict") + ")}\x92.", unsupportedFormat, "NEWOBJ"},
		{"extension registry", proto2 + "\x82\x01.", unsupportedFormat, "extension registry"},
		{"extension registry, 2 bytes", proto2 + "\x83\x01\x00.", unsupportedFormat, "extension registry"},
		{"REDUCE of a value", proto2 + text("x") + ")R.", unsupportedFormat, "calls what is not one of the functions"},
		{"REDUCE of a storage's class", proto2 + name("torch", "FloatStorage") + ")R.", unsupportedFormat, "calls what is not"},
		{"BUILD of a plain dict", proto2 + "}}b.", unsupportedFormat, "sets the state"},
		{"BUILD of a tensor", one(good + "}b"), unsupportedFormat, "sets the state"},
		{"a whole module", proto2 + name("torch.nn.modules.linear", "Linear") + ")\x81.", unsupportedFormat, "whole module"},
		{"a whole module of a script", proto2 + name("__main__", "Net") + ")\x81.", unsupportedFormat, "whole module"},
		{"a module with its source", proto2 + tupleOf(text("module"), text("x")) + "Q.", unsupportedFormat, "whole module with its source"},
		{"sparse", proto2 + name("torch._utils", "_rebuild_sparse_tensor") + ".", unsupportedFormat, "sparse"},
		{"quantized", proto2 + name("torch._utils", "_rebuild_qtensor") + ".", unsupportedFormat, "quantized"},
		{"quantized storage", one(tensorAt(storageOf("QInt8Storage", "0", 4), 0, sizes(4), sizes(1))), unsupportedFormat, "quantized"},
		{"complex storage", one(tensorAt(storageOf("ComplexFloatStorage", "0", 4), 0, sizes(4), sizes(1))), unsupportedFormat, "whose type is not read"},
		{"transposed", one(tensorAt(s(4), 0, sizes(2, 2), sizes(1, 2))), unsupportedFormat, "not row-major"},
		{"expanded", one(tensorAt(s(4), 0, sizes(2, 2), sizes(0, 1))), unsupportedFormat, "not row-major"},
		{"expanded beyond its storage", one(tensorAt(s(4), 0, sizes(2, 4), sizes(0, 1))), unsupportedFormat, "not row-major"},
		{"float8", proto2 + name("torch._utils", "_rebuild_tensor_v3") + ".", unsupportedFormat, "float8"},
		{"negative stride", one(tensorAt(s(4), 0, sizes(4), sizes(-1))), unsupportedFormat, "not row-major"},
		{"storage shorter than it says", one(tensorAt(s(5), 0, sizes(4), sizes(1))), invalidFormat, "the record has 16"},
		{"storage longer than it says", one(tensorAt(s(3), 0, sizes(3), sizes(1))), invalidFormat, "the record has 16"},
		{"negative count", one(tensorAt(s(-4), 0, sizes(4), sizes(1))), invalidFormat, "negative number of elements"},
		{"huge count", one(tensorAt(s(1<<62), 0, sizes(4), sizes(1))), large, "elements"},
		{"count beyond 64 bits", one(tensorAt(tupleOf(text("storage"), name("torch", "FloatStorage"), text("0"), text("cpu"),
			"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01")+"Q", 0, sizes(4), sizes(1))), invalidFormat, "not an integer"},
		{"tensor beyond its storage", one(tensorAt(s(4), 1, sizes(2, 2), sizes(2, 1))), invalidFormat, "ends beyond"},
		{"tensor larger than its storage", one(tensorAt(s(4), 0, sizes(5), sizes(1))), invalidFormat, "ends beyond"},
		{"negative offset", one(tensorAt(s(4), -1, sizes(2), sizes(1))), invalidFormat, "ends beyond"},
		{"huge offset", one(tensorAt(s(4), 1<<62, sizes(2), sizes(1))), invalidFormat, "ends beyond"},
		{"negative size", one(tensorAt(s(4), 0, sizes(-2, -2), sizes(2, 1))), invalidFormat, "of the size"},
		{"size that overflows", one(tensorAt(s(4), 0, sizes(1<<32, 1<<32), sizes(1<<32, 1))), large, "of the size"},
		{"size behind a zero", one(tensorAt(s(4), 5, sizes(0, 4), sizes(4, 1))), invalidFormat, "ends beyond"},
		{"nine dimensions", one(tensorAt(s(4), 0, sizes(1, 1, 1, 1, 1, 1, 1, 1, 4), sizes(4, 4, 4, 4, 4, 4, 4, 4, 1))), invalidFormat, "at most 8"},
		{"stride of another length", one(tensorAt(s(4), 0, sizes(2, 2), sizes(1))), invalidFormat, "with the stride"},
		{"size of text", one(tensorAt(s(4), 0, tupleOf(text("4")), sizes(1))), invalidFormat, "not a tuple of numbers"},
		{"tensor without a storage", one(tensorAt("N", 0, sizes(2), sizes(1))), invalidFormat, "without a storage"},
		{"two tensors that disagree", dictOf(member("a", good), member("b", tensorAt(storageOf("IntStorage", "0", 4), 0, sizes(4), sizes(1)))),
			invalidFormat, "is said to be 4 of float32 and 4 of int32"},
		{"key above", one(tensorAt(storageOf("FloatStorage", "../../etc/passwd", 4), 0, sizes(4), sizes(1))), failure.KindUnsafePath, "is a path"},
		{"key of Windows", one(tensorAt(storageOf("FloatStorage", `..\x`, 4), 0, sizes(4), sizes(1))), failure.KindUnsafePath, "is a path"},
		{"key of nothing", one(tensorAt(storageOf("FloatStorage", "7", 4), 0, sizes(4), sizes(1))), invalidFormat, "does not have"},
		{"storage without a class", proto2 + tupleOf(text("storage"), "N", text("0"), text("cpu"), number(4)) + "Q.", invalidFormat, "without a known class"},
		{"storage of few members", proto2 + tupleOf(text("storage")) + "Q.", invalidFormat, "with 1 members"},
		{"persistent id of another kind", proto2 + tupleOf(text("file")) + "Q.", invalidFormat, "expected a storage"},
		{"persistent id of protocol 0", proto2 + "Pstorage\n.", unsupportedFormat, "protocol 0"},
		{"not a dict", proto2 + good + stop, unsupportedFormat, "not a dict of tensors"},
		{"a list", proto2 + "]" + good + "a.", unsupportedFormat, "not a dict of tensors"},
		{"no tensors", proto2 + "}" + text("epoch") + "K\x01s.", unsupportedFormat, "without tensors"},
		{"wrapped twice", dictOf(text("state_dict"), "}", text("model"), "}"+member("a", good)+"s"), unsupportedFormat, "without tensors"},
		{"name twice", dictOf(member("a", good), member("a", good)), invalidFormat, "comes twice"},
		{"name of no text", dictOf("K\x01", good), invalidFormat, "not text"},
		{"mark bomb", proto2 + strings.Repeat("(", 1<<20), large, "marks"},
		{"stack bomb", proto2 + strings.Repeat("N", 1<<20), large, "stack"},
		{"memo bomb", proto2 + "Nr\xff\xff\xff\x7f.", large, "memo"},
		{"memo of many", proto2 + "}" + strings.Repeat("}\x940", 1<<18), large, "opcodes"},
		{"memo that grows", proto2 + strings.Repeat("}\x940", 1<<17) + strings.Repeat("N0", 1<<18), large, "opcodes"},
		{"containers without end", proto2 + "](" + strings.Repeat("}", 60000) + "e" + strings.Repeat("("+strings.Repeat("}", 60000)+"e", 8), large, "opcodes"},
		{"billion laughs", proto2 + "]q\x00" + strings.Repeat("](h\x00h\x00h\x00h\x00eq\x000", 1<<16) + ".", large, "opcodes"},
		{"string of 2 GiB", "\x80\x04X\xff\xff\xff\x7f.", large, "a string of 2147483647 bytes"},
		{"string of 2^62 bytes", "\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x3f.", large, "a string"},
		{"string of 2^64 bytes", "\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff.", large, "length"},
		{"string beyond the end", "\x80\x04X\xff\x00\x00\x00.", truncated, "255 bytes of a string"},
		{"byte string of negative length", proto2 + "T\xff\xff\xff\xff.", invalidFormat, "negative length"},
		{"bytes of 2^60", "\x80\x04\x8e\x00\x00\x00\x00\x00\x00\x00\x10.", large, "bytes"},
		{"integer of negative length", proto2 + "\x8b\xff\xff\xff\xff.", invalidFormat, "negative length"},
		{"integer of 2 GiB", proto2 + "\x8b\xff\xff\xff\x7f.", large, "an integer"},
		{"frame beyond the end", "\x80\x04\x95\xff\xff\x00\x00\x00\x00\x00\x00.", truncated, "frame"},
		{"line without end", proto2 + "c" + strings.Repeat("a", 4096), invalidFormat, "a line of more than"},
		{"empty pickle", "", truncated, "an opcode"},
		{"without STOP", proto2 + "}", truncated, "an opcode"},
		{"STOP without a value", proto2 + ".", invalidFormat, "not on its stack"},
		{"pop of nothing", proto2 + "0.", invalidFormat, "not on its stack"},
		{"pop below a mark", proto2 + "N(\x85.", invalidFormat, "not on its stack"},
		{"end without a mark", proto2 + "t.", invalidFormat, "did not begin"},
		{"memo that is empty", proto2 + "h\x05.", invalidFormat, "memo"},
		{"append to a dict", proto2 + "}Na.", invalidFormat, "not a list"},
		{"item of a list", proto2 + "]NNs.", invalidFormat, "not a dict"},
		{"key without a value", proto2 + "}(Nu.", invalidFormat, "key without a value"},
		{"protocol 0", "(dp0\n.", unsupportedFormat, "protocol 2 to 5"},
		{"protocol 1", "\x80\x01}.", unsupportedFormat, "protocol 1"},
		{"protocol 9", "\x80\x09}.", unsupportedFormat, "protocol 9"},
		{"unknown opcode", proto2 + "\xff.", unsupportedFormat, "opcode 0xff"},
		{"buffers outside", "\x80\x05\x97.", unsupportedFormat, "opcode 0x97"},
		{"pickle of more than 16 MiB", proto2 + strings.Repeat("N0", MaxPickle/2), large, "16777216"},
	}
	var out []hostileFile
	for _, p := range pickles {
		out = append(out, hostileFile{p.name, zipOf(p.pickle), p.kind, p.says})
	}
	return out
}

// archives are zip archives that are wrong as such.
func archives() []hostileFile {
	pickle := dictOf(member("a", good))
	le := binary.LittleEndian
	three := func(change func(r []rec)) []byte {
		recs := []rec{{name: "m/data.pkl", data: pickle}, {name: "m/data/0", data: storage16}, {name: "m/version", data: "3\n"}}
		change(recs)
		return archiveOf(recs, nil)
	}
	ends := func(change func(b []byte)) []byte {
		return archiveOf([]rec{{name: "m/data.pkl", data: pickle}, {name: "m/data/0", data: storage16}}, change)
	}
	u32 := func(at int, v uint32) func([]byte) { return func(b []byte) { le.PutUint32(b[at:], v) } }
	u16 := func(at int, v uint16) func([]byte) { return func(b []byte) { le.PutUint16(b[at:], v) } }
	u64 := func(at int, v uint64) func([]byte) { return func(b []byte) { le.PutUint64(b[at:], v) } }
	sound := zipOf(pickle)
	return []hostileFile{
		{"TorchScript", zipOf(pickle, rec{name: "m/constants.pkl", data: proto2 + ")."}), unsupportedFormat, "TorchScript"},
		{"big-endian", archiveOf([]rec{{name: "m/data.pkl", data: pickle}, {name: "m/byteorder", data: "big"}, {name: "m/data/0", data: storage16}}, nil),
			unsupportedFormat, `byte order "big"`},
		{"TorchScript with compressed code", archiveOf([]rec{{name: "m/code/m.py", data: "x", local: u16(8, 8), central: u16(10, 8)},
			{name: "m/constants.pkl", data: proto2 + ")."}, {name: "m/data.pkl", data: pickle}}, nil), unsupportedFormat, "TorchScript"},
		{"another zip", archiveOf([]rec{{name: "word/document.xml", data: "x"}}, nil), unsupportedFormat, "without a data.pkl"},
		{"two data.pkl", zipOf(pickle, rec{name: "n/data.pkl", data: pickle}), invalidFormat, "several data.pkl"},
		{"record twice", zipOf(pickle, rec{name: "m/data/0", data: storage16}), invalidFormat, "comes twice"},
		{"deflated", three(func(r []rec) { r[1].local, r[1].central = u16(8, 8), u16(10, 8) }), unsupportedFormat, "compressed"},
		{"encrypted", three(func(r []rec) { r[1].local, r[1].central = u16(6, 1), u16(8, 1) }), unsupportedFormat, "encrypted"},
		{"local header deflated", three(func(r []rec) { r[1].local = u16(8, 8) }), invalidFormat, "contradict"},
		{"local header encrypted", three(func(r []rec) { r[1].local = u16(6, 1) }), invalidFormat, "contradict"},
		{"local header of another name", three(func(r []rec) { r[1].local = func(b []byte) { b[len(b)-1] = '1' } }), invalidFormat, "contradict"},
		{"local header of another size", three(func(r []rec) { r[1].local = u32(22, 12) }), invalidFormat, "contradict"},
		{"local header of another packed size", three(func(r []rec) { r[1].local = u32(18, 12) }), invalidFormat, "contradict"},
		{"no local header", three(func(r []rec) { r[1].local = u32(0, 0) }), invalidFormat, "contradict"},
		{"sizes that differ", three(func(r []rec) { r[1].central = u32(20, 12) }), invalidFormat, "contradict"},
		{"sizes after the bytes that are not there", three(func(r []rec) {
			r[0].local, r[0].central = u16(6, 8), u16(8, 8)
		}), invalidFormat, "contradict"},
		{"overlap", three(func(r []rec) { r[1].central = u32(42, 0); r[1].name = r[0].name }), invalidFormat, ""},
		{"overlap by an extra field", three(func(r []rec) { r[1].local = u16(28, 16) }), invalidFormat, "overlaps"},
		{"record beyond the directory", three(func(r []rec) { r[2].local = u16(28, 999) }), invalidFormat, "beyond its directory"},
		{"header beyond the directory", three(func(r []rec) { r[2].central = u32(42, 1<<30) }), invalidFormat, "contradict"},
		{"size beyond the file", three(func(r []rec) {
			big := func(at int) func([]byte) { return func(b []byte) { u32(at, 1<<30)(b); u32(at+4, 1<<30)(b) } }
			r[1].local, r[1].central = big(18), big(20)
		}), invalidFormat, "contradict"},
		{"size of 64 bits that is missing", three(func(r []rec) { r[1].central = func(b []byte) { u32(20, max32)(b); u32(24, max32)(b) } }),
			invalidFormat, "damaged"},
		{"directory record damaged", three(func(r []rec) { r[1].central = u32(0, 7) }), invalidFormat, "damaged at record 1 of 3"},
		{"directory record longer than the directory", three(func(r []rec) { r[2].central = u16(30, 500) }), invalidFormat, "damaged"},
		{"zip64 of another count", ends(func(b []byte) { u64(24, 3)(b); u64(32, 3)(b) }), invalidFormat, "contradict each other"},
		{"zip64 of another directory", ends(u64(48, 7)), invalidFormat, "contradict each other"},
		{"zip64 of 2^64 records", ends(func(b []byte) {
			u64(24, 1<<64-1)(b)
			u64(32, 1<<64-1)(b)
			u16(end64Len+locatorLen+8, max16)(b)
			u16(end64Len+locatorLen+10, max16)(b)
		}), large, "records"},
		{"zip64 of a huge directory", ends(func(b []byte) { u64(40, 1<<63)(b); u32(end64Len+locatorLen+12, max32)(b) }), large, "directory"},
		{"zip64 locator elsewhere", ends(u64(end64Len+8, 3)), invalidFormat, "locator"},
		{"zip64 without its signature", ends(u32(0, 0)), invalidFormat, "locator"},
		{"more records than the directory has", ends(func(b []byte) {
			u64(24, 3)(b)
			u64(32, 3)(b)
			u16(end64Len+locatorLen+8, 3)(b)
			u16(end64Len+locatorLen+10, 3)(b)
		}), invalidFormat, "damaged at record 2 of 3"},
		{"fewer records than the directory has", ends(func(b []byte) {
			u64(24, 1)(b)
			u64(32, 1)(b)
			u16(end64Len+locatorLen+8, 1)(b)
			u16(end64Len+locatorLen+10, 1)(b)
		}), invalidFormat, "no record uses"},
		{"directory elsewhere", ends(func(b []byte) { u64(48, 0)(b); u32(end64Len+locatorLen+16, 0)(b) }), invalidFormat, "does not lie before"},
		{"several disks", ends(u16(end64Len+locatorLen+4, 1)), invalidFormat, "several disks"},
		{"comment", append(ends(u16(end64Len+locatorLen+20, 1)), 'x'), truncated, "the end of the zip archive"},
		{"cut in the end", sound[:len(sound)-9], truncated, "the end of the zip archive"},
		{"cut in a storage", sound[:len(sound)/2], truncated, "the end of the zip archive"},
		{"magic alone", []byte(zipMagic), truncated, "the end of the zip archive"},
	}
}

// streams are files of the older form.
func streams() []hostileFile {
	key, data := keysOf("1"), storage16[:8]
	sound := streamed("1", 2, "N")
	return []hostileFile{
		{"empty", nil, failure.KindEmptyFile, "empty"},
		{"a byte", []byte("\x80"), unsupportedFormat, "torch.save's magic number"},
		{"magic cut", []byte(legacyMagic[:9]), truncated, "magic number"},
		{"LFS pointer", []byte("version https://git-lfs.github.com/spec/v1\n"), invalidFormat, "git lfs pull"},
		{"web page", []byte("<!DOCTYPE html><html>Not Found</html>"), invalidFormat, "web page"},
		{"safetensors", []byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"), invalidFormat, "a safetensors file"},
		{"noise", []byte("\x07\x01\x02 what is this, no format that anyone knows"), unsupportedFormat, "neither a zip archive nor a stream"},
		{"plain pickle", []byte("\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s." + strings.Repeat(" ", 10)), unsupportedFormat, "neither"},
		{"plain pickle that runs code", []byte(proto2 + name("os", "system") + tupleOf(text("touch ran")) + "R."), unsupportedFormat, "neither"},
		{"magic alone", []byte(legacyMagic), truncated, "an opcode"},
		{"another version", []byte(legacyMagic + proto2 + "K\x07."), unsupportedFormat, "protocol version 7"},
		{"version of code", []byte(legacyMagic + proto2 + name("os", "system") + "."), unsupportedFormat, "os.system"},
		{"no facts", streamOf(proto2+"N.", sound, key, counted(2, data)), invalidFormat, "facts about the machine"},
		{"big-endian", streamOf(proto2+"}"+text("little_endian")+"\x89s.", sound, key, counted(2, data)), unsupportedFormat, "big-endian"},
		{"code in the state", streamOf("", proto2+name("os", "system")+".", key, ""), unsupportedFormat, "os.system"},
		{"code in the keys", streamOf("", sound, proto2+name("os", "system")+".", ""), unsupportedFormat, "os.system"},
		{"a storage in the keys", streamOf("", sound, proto2+storageOf("FloatStorage", "1", 2)+".", ""), invalidFormat, "where none may be"},
		{"no list of keys", streamOf("", sound, proto2+"}.", counted(2, data)), invalidFormat, "a list of the storages' keys"},
		{"storage of five members", streamOf("", dictOf(member("a", good)), key, counted(2, data)), invalidFormat, "expected 6 members"},
		{"count of the stream differs", streamOf("", sound, key, counted(3, data)), invalidFormat, "the stream has 3"},
		{"negative count in the stream", streamOf("", sound, key, counted(-2, data)), invalidFormat, "the stream has -2"},
		{"storage cut", streamOf("", sound, key, counted(2, data[:7])), truncated, `the 8 bytes of storage "1"`},
		{"count cut", streamOf("", sound, key, "\x02"), truncated, "the number of elements"},
		{"huge storage", streamOf("", streamed("1", 1<<47, "N"), key, counted(1<<47, data)), truncated, "bytes of storage"},
		{"key that is missing", streamOf("", sound, keysOf(), ""), invalidFormat, "which the stream does not have"},
		{"key of nothing", streamOf("", sound, keysOf("1", "2"), counted(2, data)), invalidFormat, "that no tensor names"},
		{"key twice", streamOf("", sound, keysOf("1", "1"), counted(2, data)+counted(2, data)), invalidFormat, "comes twice"},
		{"bytes after the last storage", streamOf("", sound, key, counted(2, data)+"x"), invalidFormat, "1 bytes after"},
		{"view beyond its storage", streamOf("", streamed("1", 2, tupleOf(text("v"), number(1), number(2))), key, counted(2, data)), invalidFormat, "view of it ends beyond"},
		{"negative view", streamOf("", streamed("1", 2, tupleOf(text("v"), number(-1), number(2))), key, counted(2, data)), invalidFormat, "view of it ends beyond"},
		{"view of text", streamOf("", streamed("1", 2, text("v")), key, counted(2, data)), invalidFormat, "not a tuple of 3"},
		{"pickles of more than 16 MiB", []byte(legacyMagic + proto2 + "M\xe9\x03." + proto2 + "X\x00\x00\xf0\x00" + strings.Repeat("x", 0xf00000) + "." +
			proto2 + "X\x00\x00\xf0\x00" + strings.Repeat("x", 0xf00000)), invalidFormat, "facts"},
		{"strings of more than 16 MiB", streamOf("", proto2+"]"+strings.Repeat("X\x00\x00\x40\x00"+strings.Repeat("x", 0x400000)+"0", 5)+".", key, counted(2, data)),
			large, "more than the 16777216 bytes"},
	}
}

// TestHostileFiles: each is refused with a kind and a sentence of its own, in little memory, and nothing appears in its
// folder. It runs alone in its package, so that the memory is its own.
func TestHostileFiles(t *testing.T) {
	for _, files := range [][]hostileFile{inZip(), archives(), streams()} {
		for _, h := range files {
			t.Run(h.name, func(t *testing.T) {
				dir := t.TempDir()
				path := write(t, dir, h.data)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := Open(path)
				runtime.ReadMemStats(&after)
				var e *failure.Error
				if !errors.As(err, &e) {
					t.Fatalf("expected a *failure.Error, got %v", err)
				}
				if e.Stage != failure.StageLoad || e.Kind != h.kind || !strings.Contains(e.Message, h.says) {
					t.Errorf("expected load/%s with %q, got %s/%s: %s", h.kind, h.says, e.Stage, e.Kind, e.Message)
				}
				if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
					t.Errorf("it took %d bytes of memory", used)
				}
				if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
					t.Errorf("expected the file alone in its folder, found %v (%v)", entries, err)
				}
			})
		}
	}
}

// TestSound: what the hostile files are changed from is read, so that each is refused for its change.
func TestSound(t *testing.T) {
	t.Parallel()
	pair := proto2 + name("collections", "OrderedDict") + "(](" + "](" + text("a") + good + "e" + "etR."
	for name, data := range map[string][]byte{
		"zip":             zipOf(dictOf(member("a", good))),
		"without the end": archiveWithout64(zipOf(dictOf(member("a", good)))),
		"stream":          streamOf("", streamed("1", 2, "N"), keysOf("1"), counted(2, storage16[:8])),
		"view":            streamOf("", streamed("1", 4, tupleOf(text("v"), number(2), number(2))), keysOf("1"), counted(4, storage16)),
		"Python 2":        zipOf(pair),
		"wrapped":         zipOf(dictOf(text("state_dict"), "}"+member("a", good)+"s", text("n"), "K\x01")),
	} {
		f, err := Open(write(t, t.TempDir(), data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(f.Tensors) != 1 || f.Tensors[0].Name != "a" {
			t.Errorf("%s: %+v", name, f.Tensors)
		}
		if name == "view" && string(data[f.Tensors[0].Offset:][:8]) != storage16[8:] {
			t.Errorf("%s: it begins at %d", name, f.Tensors[0].Offset)
		}
	}
}

// archiveWithout64 leaves the 64-bit end away, as other writers of zip archives do.
func archiveWithout64(data []byte) []byte {
	at := len(data) - endLen - locatorLen - end64Len
	return append(data[:at:at], data[len(data)-endLen:]...)
}

// TestCutFiles: a sound file cut anywhere is refused.
func TestCutFiles(t *testing.T) {
	t.Parallel()
	for _, data := range [][]byte{
		zipOf(dictOf(member("a", good))),
		streamOf("", streamed("1", 2, "N"), keysOf("1"), counted(2, storage16[:8])),
	} {
		path := write(t, t.TempDir(), nil)
		for n := range data {
			if err := os.WriteFile(path, data[:n], 0o600); err != nil {
				t.Fatal(err)
			}
			if f, err := Open(path); err == nil {
				t.Errorf("%d of %d bytes are read as %+v", n, len(data), f.Tensors)
			}
		}
	}
}
