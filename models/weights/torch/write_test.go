package torch

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/weights/stored"
)

// What follows writes pickles and archives by hand, so that each can be wrong in one way.

const proto2, stop = "\x80\x02", "."

func name(module, name string) string { return "c" + module + "\n" + name + "\n" }

func text(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

func number(n int64) string {
	return "\x8a\x08" + string(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

func tupleOf(items ...string) string { return "(" + strings.Join(items, "") + "t" }

func sizes(n ...int64) string {
	items := make([]string, len(n))
	for i, x := range n {
		items[i] = number(x)
	}
	return tupleOf(items...)
}

func storageOf(class, key string, count int64) string {
	return tupleOf(text("storage"), name("torch", class), text(key), text("cpu"), number(count)) + "Q"
}

// tensorAt is a tensor of a storage.
func tensorAt(storage string, first int64, shape, stride string) string {
	return name("torch._utils", "_rebuild_tensor_v2") + tupleOf(storage, number(first), shape, stride, "\x89",
		name("collections", "OrderedDict")+")R") + "R"
}

// good is four numbers as a matrix of 2 x 2: record data/0, 16 bytes.
var good = tensorAt(storageOf("FloatStorage", "0", 4), 0, sizes(2, 2), sizes(2, 1))

func dictOf(members ...string) string { return proto2 + "}(" + strings.Join(members, "") + "u" + stop }

// member is a tensor's name and the tensor.
func member(name, value string) string { return text(name) + value }

// rec is one record of an archive. The functions change the bytes of its two headers.
type rec struct {
	name, data     string
	local, central func(b []byte)
}

// archiveOf writes records as torch does, but without the sizes after the bytes; end changes the three ends.
func archiveOf(recs []rec, end func(b []byte)) []byte {
	var out, central []byte
	le := binary.LittleEndian
	for _, r := range recs {
		at := len(out)
		n, size := uint16(len(r.name)), uint32(len(r.data))
		local := make([]byte, localLen)
		le.PutUint32(local, localSignature)
		le.PutUint32(local[18:], size)
		le.PutUint32(local[22:], size)
		le.PutUint16(local[26:], n)
		dir := make([]byte, centralLen)
		le.PutUint32(dir, centralSignature)
		le.PutUint32(dir[20:], size)
		le.PutUint32(dir[24:], size)
		le.PutUint16(dir[28:], n)
		le.PutUint32(dir[42:], uint32(at))
		local, dir = append(local, r.name...), append(dir, r.name...)
		if r.local != nil {
			r.local(local)
		}
		if r.central != nil {
			r.central(dir)
		}
		out = append(append(out, local...), r.data...)
		central = append(central, dir...)
	}
	ends := make([]byte, end64Len+locatorLen+endLen)
	at := uint64(len(out))
	le.PutUint32(ends, end64Signature)
	le.PutUint64(ends[4:], end64Len-12)
	le.PutUint64(ends[24:], uint64(len(recs)))
	le.PutUint64(ends[32:], uint64(len(recs)))
	le.PutUint64(ends[40:], uint64(len(central)))
	le.PutUint64(ends[48:], at)
	locator := ends[end64Len:]
	le.PutUint32(locator, locatorSignature)
	le.PutUint64(locator[8:], at+uint64(len(central)))
	le.PutUint32(locator[16:], 1)
	last := ends[end64Len+locatorLen:]
	le.PutUint32(last, endSignature)
	le.PutUint16(last[8:], uint16(len(recs)))
	le.PutUint16(last[10:], uint16(len(recs)))
	le.PutUint32(last[12:], uint32(len(central)))
	le.PutUint32(last[16:], uint32(at))
	if end != nil {
		end(ends)
	}
	return append(append(out, central...), ends...)
}

// zipOf is an archive with this pickle, a storage of 16 bytes, and more records.
func zipOf(pickle string, more ...rec) []byte {
	recs := []rec{{name: "m/data.pkl", data: pickle}, {name: "m/byteorder", data: "little"}, {name: "m/data/0", data: storage16}}
	return archiveOf(append(recs, more...), nil)
}

const storage16 = "\x00\x00\x80?\x00\x00\x00@\x00\x00@@\x00\x00\x80@"

// streamOf is a stream with this state, these keys, and the storages as they are.
func streamOf(facts, state, keys, storages string) []byte {
	if facts == "" {
		facts = proto2 + "}" + text("little_endian") + "\x88s" + stop
	}
	return []byte(legacyMagic + proto2 + "M\xe9\x03." + facts + state + keys + storages)
}

// streamed is a tensor as a stream has it: its storage has a sixth member, the view.
func streamed(key string, count int64, view string) string {
	s := tupleOf(text("storage"), name("torch", "FloatStorage"), text(key), text("cpu"), number(count), view) + "Q"
	return dictOf(member("a", tensorAt(s, 0, sizes(2), sizes(1))))
}

func keysOf(keys ...string) string {
	out := proto2 + "]"
	for _, k := range keys {
		out += text(k) + "a"
	}
	return out + stop
}

func counted(n int64, data string) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(n))) + data
}

func write(t testing.TB, dir string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, SingleName)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkInside fails if a tensor does not lie in the file, or has a name that another has.
func checkInside(t *testing.T, data []byte, tensors []stored.Tensor) {
	t.Helper()
	seen := map[string]bool{}
	for _, x := range tensors {
		if x.Offset < 0 || x.Length < 0 || x.Offset > int64(len(data)) || x.Length > int64(len(data))-x.Offset ||
			x.Length != x.Elements()*int64(x.DType.Size()) || seen[x.Name] {
			t.Fatalf("%+v in a file of %d bytes", x, len(data))
		}
		seen[x.Name] = true
	}
}
