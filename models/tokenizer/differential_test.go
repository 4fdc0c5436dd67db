package tokenizer_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/tokenizer"
)

// stringsEnv says how many random texts a tokenizer are held against the Python library: by default few, so that the
// test takes seconds; `make tokenizer-differential` sets it to 10000.
const stringsEnv = "PROBE_TOKENIZER_STRINGS"

const defaultStrings = 250

func TestDifferential(t *testing.T) {
	t.Parallel()
	count := defaultStrings
	if s := os.Getenv(stringsEnv); s != "" {
		var err error
		if count, err = strconv.Atoi(s); err != nil || count < 1 {
			t.Fatalf("%s=%q: expected how many texts a tokenizer", stringsEnv, s)
		}
	}
	pool := drivers(t)
	paths := map[string]string{"all-MiniLM-L6-v2": filepath.Join(testenv.MiniLM(t), "tokenizer.json")}
	for _, folder := range []string{"models", "converted"} {
		for _, name := range names(t, folder) {
			paths[folder+"/"+name] = fixture(folder, name+".json.gz")
		}
	}
	for name, path := range paths {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := <-pool
			defer func() { pool <- d }()
			compareWithLibrary(t, d, name, path, count)
		})
	}
}

func compareWithLibrary(t *testing.T, d *driver, name, path string, count int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(path) == ".gz" {
		data = readGzip(t, path)
	}
	tok, err := tokenizer.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.load("load", path); err != nil {
		t.Fatal(err)
	}
	m := newMaker(name, someTokens(tok))
	failures := 0
	for done := 0; done < count; done += chunk {
		queries := make([]query, min(chunk, count-done))
		for i := range queries {
			queries[i].text = m.text()
			if i%5 == 4 {
				pair := m.text()
				queries[i].pair = &pair
			}
		}
		how := someManner(m, tok, done/chunk)
		want, err := d.digests(queries, how)
		if err != nil {
			t.Fatal(err)
		}
		for i, q := range queries {
			if digest(tok.Encode(q.text, how.options(q))) == want[i] {
				continue
			}
			if failures++; failures <= 3 {
				reportMismatch(t, d, tok, q, how)
			}
		}
	}
	if failures > 0 {
		t.Errorf("%d of %d texts differ from the library", failures, count)
	}
}

// chunk is how many texts are encoded in the same manner.
const chunk = 50

func someManner(m *maker, tok *tokenizer.Tokenizer, number int) manner {
	how := manner{special: number%4 != 3}
	if number%2 == 1 {
		how.most = m.rng.IntN(40) + 1
		if how.special {
			how.most += tok.SpecialTokens(true)
		}
		how.strategy = []string{"longest_first", "longest_first", "only_first", "only_second"}[m.rng.IntN(4)]
		how.direction = []string{"right", "left"}[m.rng.IntN(2)]
	}
	return how
}

// someTokens are the added tokens, and some entries of the vocabulary.
func someTokens(tok *tokenizer.Tokenizer) []string {
	var tokens []string
	for _, added := range tok.AddedTokens() {
		tokens = append(tokens, added.Content)
	}
	for id := 0; id < tok.VocabSize(); id += 1 + tok.VocabSize()/40 {
		if token, ok := tok.IDToToken(int64(id)); ok && utf8.ValidString(token) {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// reportMismatch shortens a text that differs as far as it still does.
func reportMismatch(t *testing.T, d *driver, tok *tokenizer.Tokenizer, q query, how manner) {
	t.Helper()
	differs := func(q query) bool {
		want, err := d.digests([]query{q}, how)
		return err == nil && digest(tok.Encode(q.text, how.options(q))) != want[0]
	}
	if alone := (query{text: q.text}); q.pair != nil && differs(alone) {
		q = alone
	} else if alone := (query{text: deref(q.pair)}); q.pair != nil && differs(alone) {
		q = alone
	}
	runes := []rune(q.text)
	for size, tries := (len(runes)+1)/2, 0; size > 0 && tries < 300; size /= 2 {
		for i := 0; i < len(runes) && tries < 300; tries++ {
			shorter := slices.Delete(slices.Clone(runes), i, min(i+size, len(runes)))
			if differs(query{string(shorter), q.pair}) {
				runes = shorter
			} else {
				i += size
			}
		}
	}
	q.text = string(runes)
	e, err := tok.Encode(q.text, how.options(q))
	t.Errorf("%+q with %+q, %+v:\n %s\nwant %s", q.text, deref(q.pair), how, describe(0, q.text, e, err), d.show(q, how))
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
