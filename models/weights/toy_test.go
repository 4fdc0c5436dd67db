package weights_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/weights"
	"github.com/divinedevops/probe/models/weights/stored"
)

// toy is a format made up here, to show what a format needs: the magic number, a JSON line with the configuration and
// the tensors, and their bytes, of which some are stored inverted and made on demand.
var toy = stored.Format{
	Name: "toy", Single: "weights.toy", Suffixes: []string{".toy"},
	Magic: func(head []byte) bool { return bytes.HasPrefix(head, []byte(toyMagic)) },
	Open:  openToy,
}

const toyMagic = "TOYWEIGHTS\n"

type toyHead struct {
	Config  json.RawMessage
	Tensors []toyTensor
}

type toyTensor struct {
	Name           string
	DType          tensor.DType
	Shape          []int64
	Offset, Length int64 // after the JSON line
	Inverted       bool
}

func openToy(path string) (*stored.File, error) {
	f, r, err := stored.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := os.ReadFile(f.Resolved)
	if err != nil {
		return nil, err
	}
	line, _, _ := bytes.Cut(data[len(toyMagic):], []byte("\n"))
	var head toyHead
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, err
	}
	f.Config = head.Config
	base := int64(len(toyMagic) + len(line) + 1)
	for _, t := range head.Tensors {
		out := stored.Tensor{Name: t.Name, DType: t.DType, Type: t.DType.String(), Shape: t.Shape,
			Offset: base + t.Offset, Length: t.Length}
		if t.Inverted {
			out.Make = func() ([]byte, error) { return inverted(data[base+t.Offset:][:t.Length]), nil }
		}
		f.Tensors = append(f.Tensors, out)
	}
	return f, nil
}

func inverted(data []byte) []byte {
	out := bytes.Clone(data)
	for i := range out {
		out[i] = ^out[i]
	}
	return out
}

// writeToy rewrites weights in the toy format: every second tensor is to be made on demand.
func writeToy(t *testing.T, path string, config []byte, set *weights.Set) {
	t.Helper()
	var line bytes.Buffer
	if err := json.Compact(&line, config); err != nil {
		t.Fatal(err)
	}
	head := toyHead{Config: line.Bytes()}
	var data []byte
	for i, name := range set.Names() {
		info, _ := set.Lookup(name)
		raw, err := weights.Raw(info)
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			raw = inverted(raw)
		}
		head.Tensors = append(head.Tensors,
			toyTensor{name, info.DType, info.Shape, int64(len(data)), info.Length, i%2 == 0})
		data = append(data, raw...)
	}
	text, err := json.Marshal(head)
	if err != nil {
		t.Fatal(err)
	}
	file := append(append([]byte(toyMagic), text...), '\n')
	if err := os.WriteFile(path, append(file, data...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAFormatIsALine: a format added to the table is found in a folder, known by its magic number, and runs on every
// engine, from its place in the file or made on demand, with the configuration that it carries.
func TestAFormatIsALine(t *testing.T) {
	t.Parallel()
	bert := filepath.Join(testenv.Root(), "testdata", "graph", "bert")
	config, err := os.ReadFile(filepath.Join(bert, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	original, err := weights.Open(bert)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeToy(t, filepath.Join(dir, toy.Single), config, original)
	table := append(weights.Formats(), toy)
	set, err := table.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if set.Parameters() != original.Parameters() || set.Bytes() != original.Bytes() {
		t.Errorf("%d parameters, %d bytes", set.Parameters(), set.Bytes())
	}
	wantSameStates(t, set.Config(), set, original)
	checkReads(t, set, original)

	blob := filepath.Join(dir, "0123")
	if err := os.Rename(filepath.Join(dir, toy.Single), blob); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Open(blob); err != nil {
		t.Errorf("by its magic number: %v", err)
	}
	if _, err := weights.Open(blob); err == nil {
		t.Error("a format that is not in the table was read")
	}
}

// checkReads holds what is read row by row, made on demand or not, against the same weights in another format.
func checkReads(t *testing.T, set, original *weights.Set) {
	t.Helper()
	for _, name := range original.Names() {
		info, _ := original.Lookup(name)
		if len(info.Shape) != 2 || !info.DType.Float() {
			continue
		}
		want, _, err := original.Float32s(name)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := set.Rows(name)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]float32, info.Shape[1])
		last := info.Shape[0] - 1
		if err := rows.Row(row, last); err != nil {
			t.Fatal(err)
		}
		if row[0] != want[last*info.Shape[1]] {
			t.Errorf("%s: the last row begins with %g, expected %g", name, row[0], want[last*info.Shape[1]])
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
}
