package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
)

// file puts a header and data together.
func file(header string, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func write(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const good = `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},` +
	`"b":{"dtype":"F16","shape":[],"data_offsets":[8,10]}}`

// bytes1 is a member of a header: a tensor of bytes with this name, shape and place.
func bytes1(name, shape, offsets string) string {
	return fmt.Sprintf(`%q:{"dtype":"U8","shape":[%s],"data_offsets":[%s]}`, name, shape, offsets)
}

// hostile are files that must each be refused with a kind of its own and a message that says why.
var hostile = []struct {
	name string
	data []byte
	kind failure.Kind
	says string
}{
	{"empty", nil, failure.KindEmptyFile, "empty"},
	{"shorter than the length", []byte{1, 2, 3}, failure.KindTruncated, "at least 8 bytes"},
	{"header cut", file(good)[:40], failure.KindTruncated, "the header ends at byte"},
	{"header length of everything", append([]byte{255, 255, 255, 255, 255, 255, 255, 255}, good...),
		failure.KindTooLarge, "limit"},
	{"header length just beyond", binary.LittleEndian.AppendUint64(nil, MaxHeader+1), failure.KindTooLarge, "limit"},
	{"LFS pointer", []byte("version https://git-lfs.github.com/spec/v1\n"), failure.KindInvalidFormat, "git lfs pull"},
	{"web page", []byte("<!DOCTYPE html><html>Not Found</html>"), failure.KindInvalidFormat, "web page"},
	{"no header", file(""), failure.KindInvalidFormat, "must begin with {"},
	{"an array", file(`[1]`), failure.KindInvalidFormat, "must begin with {"},
	{"unfinished", file(`{"a":`), failure.KindInvalidFormat, "ends too soon"},
	{"garbage", file(`{nonsense}`), failure.KindInvalidFormat, "invalid character"},
	{"not UTF-8", file("{\"\xff\":1}"), failure.KindInvalidFormat, "UTF-8"},
	{"deep", file(`{"a":` + strings.Repeat("[", 100000)), failure.KindInvalidFormat, "expected {"},
	{"deep metadata", file(`{"__metadata__":{"a":` + strings.Repeat("{", 100000)),
		failure.KindInvalidFormat, "expected a string"},
	{"name twice", file("{"+bytes1("a", "1", "0,1")+","+bytes1("a", "1", "1,2")+"}", 1, 2),
		failure.KindInvalidFormat, "comes twice"},
	{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`), failure.KindInvalidFormat, "comes twice"},
	{"shape twice", file(`{"a":{"dtype":"U8","shape":[1],"shape":[2],"data_offsets":[0,1]}}`, 1),
		failure.KindInvalidFormat, "comes twice"},
	{"unknown dtype", file(`{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}`, 1, 2, 3, 4),
		failure.KindInvalidFormat, "unknown dtype"},
	{"unknown key", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"url":"x"}}`, 1),
		failure.KindInvalidFormat, "unknown key"},
	{"no offsets", file(`{"a":{"dtype":"U8","shape":[1]}}`, 1),
		failure.KindInvalidFormat, "expected dtype, shape and data_offsets"},
	{"one offset", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}`, 1),
		failure.KindInvalidFormat, "begin <= end"},
	{"three offsets", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}`, 1),
		failure.KindInvalidFormat, "at most 2"},
	{"backwards", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}`, 1),
		failure.KindInvalidFormat, "begin <= end"},
	{"negative shape", file(`{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}`, 1),
		failure.KindInvalidFormat, "whole number"},
	{"fractional shape", file(`{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}`, 1),
		failure.KindInvalidFormat, "whole number"},
	{"exponent", file(`{"a":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}`, 1),
		failure.KindInvalidFormat, "whole number"},
	{"shape overflows", file(`{"a":{"dtype":"F64","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}`),
		failure.KindInvalidFormat, "too large"},
	{"offsets overflow", file("{"+bytes1("a", "9223372036854775807", "0,9223372036854775807")+"}", 1),
		failure.KindInvalidFormat, "too large"},
	{"too many dimensions", file(`{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}`, 1),
		failure.KindInvalidFormat, "at most 8"},
	{"shape against length", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 1, 2, 3, 4),
		failure.KindInvalidFormat, "needs 8 bytes"},
	{"half a byte", file(`{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}`, 1),
		failure.KindInvalidFormat, "needs 2 bytes"},
	{"overlap", file("{"+bytes1("a", "2", "0,2")+","+bytes1("b", "2", "1,3")+"}", 1, 2, 3),
		failure.KindInvalidFormat, "overlap"},
	{"hole", file("{"+bytes1("a", "1", "0,1")+","+bytes1("b", "1", "2,3")+"}", 1, 2, 3),
		failure.KindInvalidFormat, "hole"},
	{"hole at the start", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 1, 2),
		failure.KindInvalidFormat, "hole"},
	{"past the end", file(`{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}`, 1, 2),
		failure.KindTruncated, "past the end"},
	{"bytes left over", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1, 2),
		failure.KindInvalidFormat, "no tensor covers"},
	{"text after the object", file(`{} x`), failure.KindInvalidFormat, "only spaces"},
	{"two objects", file(`{}{}`), failure.KindInvalidFormat, "only spaces"},
	{"number for metadata", file(`{"__metadata__":{"a":1}}`), failure.KindInvalidFormat, "expected a string"},
}

func TestHostileFiles(t *testing.T) {
	t.Parallel()
	for _, h := range hostile {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			_, err := Open(write(t, t.TempDir(), SingleName, h.data))
			wantError(t, err, h.kind, h.says)
		})
	}
}

func wantError(t *testing.T, err error, kind failure.Kind, says string) {
	t.Helper()
	var e *failure.Error
	if !errors.As(err, &e) {
		t.Fatalf("expected an *failure.Error, got %v", err)
	}
	if e.Stage != failure.StageLoad || e.Kind != kind || !strings.Contains(e.Message, says) {
		t.Errorf("expected load/%s with %q, got %s/%s: %s", kind, says, e.Stage, e.Kind, e.Message)
	}
}

// FuzzHeader: whatever the header says, Open ends with a set of tensors inside the file that do not overlap, or an
// error.
func FuzzHeader(f *testing.F) {
	f.Add(file(good, make([]byte, 10)...))
	for _, h := range hostile {
		if len(h.data) < 1<<12 {
			f.Add(h.data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Open(write(t, t.TempDir(), SingleName, data))
		if err != nil {
			var e *failure.Error
			if !errors.As(err, &e) {
				t.Fatalf("expected an *failure.Error, got %v", err)
			}
			return
		}
		end := int64(8 + binary.LittleEndian.Uint64(data))
		names := map[string]bool{}
		for _, tensor := range file.Tensors {
			if tensor.Offset != end || tensor.Length < 0 || tensor.Offset+tensor.Length > int64(len(data)) {
				t.Fatalf("%+v in a file of %d bytes after byte %d", tensor, len(data), end)
			}
			if names[tensor.Name] {
				t.Fatalf("%q comes twice", tensor.Name)
			}
			names[tensor.Name] = true
			end += tensor.Length
		}
	})
}
