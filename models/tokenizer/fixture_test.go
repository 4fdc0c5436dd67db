package tokenizer_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/tokenizer"
)

// fixture is a file of testdata/tokenizers.
func fixture(elem ...string) string {
	return filepath.Join(append([]string{testenv.Root(), "testdata", "tokenizers"}, elem...)...)
}

func readGzip(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// trained is a committed tokenizer by its name, of the folder models or converted.
func trained(t testing.TB, folder, name string) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.Parse(readGzip(t, fixture(folder, name+".json.gz")))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return tok
}

func names(t testing.TB, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(fixture(folder, "*.json.gz"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	for i, path := range paths {
		paths[i] = strings.TrimSuffix(filepath.Base(path), ".json.gz")
	}
	return paths
}

// corpus are the texts of corpus.json; those that are no UTF-8 are the bytes themselves.
func corpus(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile(fixture("corpus.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct{ Text, Bytes string }
	if err := json.Unmarshal(data, &rows); err != nil {
		t.Fatal(err)
	}
	texts := make([]string, len(rows))
	for i, row := range rows {
		texts[i] = row.Text
		if row.Bytes != "" {
			raw, err := base64.StdEncoding.DecodeString(row.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			texts[i] = string(raw)
		}
	}
	return texts
}

// failed is the digest of an encoding that the Python library refuses to make.
const failed = "error-----------"

// digest is what digest.py makes of an encoding: of everything that it holds.
func digest(e *tokenizer.Encoding, err error) string {
	if err != nil {
		return failed
	}
	var b bytes.Buffer
	var scratch []byte
	row := func(n int, at func(int) int64) {
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			scratch = strconv.AppendInt(scratch[:0], at(i), 10)
			b.Write(scratch)
		}
		b.WriteByte(';')
	}
	for _, ints := range [][]int64{e.IDs, e.TypeIDs, e.AttentionMask, e.SpecialTokensMask} {
		row(len(ints), func(i int) int64 { return ints[i] })
	}
	row(2*len(e.Offsets), func(i int) int64 { return int64(e.Offsets[i/2][i%2]) })
	b.WriteString(strings.Join(e.Tokens, "\x1f"))
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:8])
}

// whole asks for everything, with or without special tokens.
func whole(special bool) tokenizer.Options {
	return tokenizer.Options{AddSpecialTokens: special, Tokens: true, Offsets: true}
}

func withPair(o tokenizer.Options, pair string) tokenizer.Options {
	o.Pair = &pair
	return o
}
