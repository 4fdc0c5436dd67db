package weights

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights/safetensors"
	"github.com/divinedevops/probe/models/weights/stored"
)

const indexName = "model.safetensors.index.json"

// file puts a safetensors header and data together.
func file(header string, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func write(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	writeFile(t, path, data)
	return path
}

func floats(values ...float32) []byte {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// table is a file with one matrix of each floating-point type, each [[1, -2], [0.5, 4]], and a buffer of integers.
func table() []byte {
	values := []float32{1, -2, 0.5, 4}
	var half, brain, double []byte
	for _, v := range values {
		half = binary.LittleEndian.AppendUint16(half, tensor.Float32ToHalf(v))
		brain = binary.LittleEndian.AppendUint16(brain, uint16(math.Float32bits(v)>>16))
		double = binary.LittleEndian.AppendUint64(double, math.Float64bits(float64(v)))
	}
	header := `{"__metadata__":{"format":"pt"},"half":{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]},` +
		`"brain":{"dtype":"BF16","shape":[2,2],"data_offsets":[8,16]},` +
		`"single":{"dtype":"F32","shape":[2,2],"data_offsets":[16,32]},` +
		`"double":{"dtype":"F64","shape":[2,2],"data_offsets":[32,64]},` +
		`"ids":{"dtype":"I64","shape":[1],"data_offsets":[64,72]}}   `
	return file(header, slices.Concat(half, brain, floats(values...), double, make([]byte, 8))...)
}

func TestReadsEveryFloatType(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, safetensors.SingleName, table())
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{1, -2, 0.5, 4}
	for _, name := range []string{"half", "brain", "single", "double"} {
		got, shape, err := s.Float32s(name)
		if err != nil || !slices.Equal(got, want) || !slices.Equal(shape, []int64{2, 2}) {
			t.Errorf("%s: %v %v %v", name, got, shape, err)
		}
		rows, err := s.Rows(name)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]float32, 2)
		if err := rows.Row(row, 1); err != nil || !slices.Equal(row, want[2:]) {
			t.Errorf("%s: row 1 is %v %v", name, row, err)
		}
		if err := rows.Row(row, 2); err == nil {
			t.Errorf("%s: row 2 of 2 was read", name)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	_, _, err = s.Float32s("ids")
	wantError(t, err, failure.KindInvalidFormat, "expected float32")
	_, _, err = s.Float32s("none")
	wantError(t, err, failure.KindMissingTensor, `"none"`)
}

func TestCounts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := table()
	path := write(t, dir, safetensors.SingleName, data)
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if s.Parameters() != 16 || s.Bytes() != 72 || len(s.Names()) != 5 {
		t.Errorf("%d parameters, %d bytes, names %q", s.Parameters(), s.Bytes(), s.Names())
	}
	if s.DType() != tensor.Float32 { // four types with as many elements: the lowest number
		t.Errorf("dtype %s", s.DType())
	}
	if types := s.Types(); types["BF16"] != 4 || types["I64"] != 1 {
		t.Errorf("types %v", types)
	}
}

// TestLinksOfACache builds a snapshot as the Hugging Face cache has it: links into ../../blobs.
func TestLinksOfACache(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	root = filepath.Join(root, "models--org--name")
	snapshot, blobs := filepath.Join(root, "snapshots", "abc"), filepath.Join(root, "blobs")
	for _, dir := range []string{snapshot, blobs} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	one := file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1)
	two := file(`{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 2)
	link := func(name, blob string, data []byte) {
		write(t, blobs, blob, data)
		if err := os.Symlink(filepath.Join("..", "..", "blobs", blob), filepath.Join(snapshot, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("one.safetensors", "1111", one)
	link("two.safetensors", "2222", two)
	link(indexName, "3333", []byte(`{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}`))
	s, err := Open(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := filepath.EvalSymlinks(blobs)
	if err != nil {
		t.Fatal(err)
	}
	if s.DataDir() != resolved {
		t.Errorf("data folder %s, expected the blobs' own %s", s.DataDir(), resolved)
	}
	b, _ := s.Lookup("b")
	if s.Location(b.File) != "2222" || b.File.Path != filepath.Join(snapshot, "two.safetensors") {
		t.Errorf("location %s, path %s", s.Location(b.File), b.File.Path)
	}
}

// TestShardIsALinkElsewhere: a shard that is a link out of the folder is not followed.
func TestShardIsALinkElsewhere(t *testing.T) {
	t.Parallel()
	model, elsewhere := t.TempDir(), t.TempDir()
	target := write(t, elsewhere, "b", file(`{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1))
	write(t, model, "one.safetensors", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1))
	if err := os.Symlink(target, filepath.Join(model, "two.safetensors")); err != nil {
		t.Fatal(err)
	}
	write(t, model, indexName, []byte(`{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}`))
	_, err := Open(model)
	wantError(t, err, failure.KindUnsafePath, "two.safetensors")
}

// TestDataDirHoldsEveryFile: a snapshot may have both files of its own and links into the blobs.
func TestDataDirHoldsEveryFile(t *testing.T) {
	t.Parallel()
	s := &Set{files: []*stored.File{{Resolved: "/cache/m/blobs/1"}, {Resolved: "/cache/m/snapshots/x/two.safetensors"}}}
	if s.DataDir() != "/cache/m" || s.Location(s.files[1]) != "snapshots/x/two.safetensors" {
		t.Errorf("%s %s", s.DataDir(), s.Location(s.files[1]))
	}
}

func TestOpensNoFolder(t *testing.T) {
	t.Parallel()
	_, err := Open(t.TempDir())
	wantError(t, err, failure.KindMissingFile, "has no weights; expected one of model.safetensors, ")
	_, err = Open(filepath.Join(t.TempDir(), "nothing"))
	wantError(t, err, failure.KindMissingFile, "nothing")
}
