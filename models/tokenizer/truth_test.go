package tokenizer_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/divinedevops/probe/models/tokenizer"
)

// truth is what the Python library makes of the corpus with one tokenizer (testdata/tokenizers/expect.py).
type truth struct {
	Singles, Plain string
	IDs            [][]int64
	Pairs          [][4]any // text, pair, special tokens, digest
	Truncated      [][6]any // text, pair or -1, most tokens, strategy, side, digest
	Padded         []paddedBatch
	Declared       *struct{ Singles, Pairs, Batches string }
}

type paddedBatch struct {
	texts   []int
	options struct {
		Direction       string
		Length          int
		PadToMultipleOf int    `json:"pad_to_multiple_of"`
		PadID           int64  `json:"pad_id"`
		PadTypeID       int64  `json:"pad_type_id"`
		PadToken        string `json:"pad_token"`
	}
	digests []string
}

func (p *paddedBatch) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&p.texts, &p.options, &p.digests})
}

// mismatches reports the first few and counts the rest: one fault can break a thousand texts.
type mismatches struct {
	t     *testing.T
	count int
}

func (m *mismatches) check(got, want string, describe func() string) {
	m.t.Helper()
	if got == want {
		return
	}
	if m.count++; m.count <= 3 {
		m.t.Errorf("%s: digest %s, want %s", describe(), got, want)
	}
}

func (m *mismatches) done() {
	m.t.Helper()
	if m.count > 3 {
		m.t.Errorf("%d mismatches", m.count)
	}
}

func TestTruth(t *testing.T) {
	t.Parallel()
	texts := corpus(t)
	if len(texts) < 600 {
		t.Fatalf("the corpus has only %d texts", len(texts))
	}
	for folder, expected := range map[string]string{"models": "expected", "converted": "expected-converted"} {
		for _, name := range names(t, folder) {
			t.Run(folder+"/"+name, func(t *testing.T) {
				t.Parallel()
				checkTruth(t, trained(t, folder, name), texts, fixture(expected, name+".json.gz"))
			})
		}
	}
}

func checkTruth(t *testing.T, tok *tokenizer.Tokenizer, texts []string, path string) {
	t.Helper()
	var want truth
	if err := json.Unmarshal(readGzip(t, path), &want); err != nil {
		t.Fatal(err)
	}
	if len(want.Singles) != 16*len(texts) {
		t.Fatalf("digests of %d texts, the corpus has %d: run expect.py", len(want.Singles)/16, len(texts))
	}
	m := &mismatches{t: t}
	defer m.done()
	for i, text := range texts {
		e, err := tok.Encode(text, whole(true))
		if want.IDs != nil && err == nil && !slices.Equal(e.IDs, want.IDs[i]) {
			t.Errorf("ids of text %d, %.200q:\n got %v\nwant %v", i, text, e.IDs, want.IDs[i])
		}
		m.check(digest(e, err), nth(want.Singles, i), func() string { return describe(i, text, e, err) })
		e, err = tok.Encode(text, whole(false))
		m.check(digest(e, err), nth(want.Plain, i), func() string { return "no special tokens, " + describe(i, text, e, err) })
	}
	for _, row := range want.Pairs {
		a, b := int(row[0].(float64)), int(row[1].(float64))
		e, err := tok.Encode(texts[a], withPair(whole(row[2].(bool)), texts[b]))
		m.check(digest(e, err), row[3].(string), func() string { return fmt.Sprintf("with pair %d, %s", b, describe(a, texts[a], e, err)) })
	}
	checkTruncated(m, tok, texts, want.Truncated)
	checkPadded(m, tok, texts, want.Padded)
	if declares := tok.Truncation() != nil || tok.Padding() != nil; declares != (want.Declared != nil) {
		t.Errorf("the file declares truncation %v and padding %v", tok.Truncation(), tok.Padding())
	} else if declares {
		checkDeclared(m, tok, texts, want.Declared.Singles, want.Declared.Pairs, want.Declared.Batches)
	}
}

func checkTruncated(m *mismatches, tok *tokenizer.Tokenizer, texts []string, rows [][6]any) {
	m.t.Helper()
	for _, row := range rows {
		a, b := int(row[0].(float64)), int(row[1].(float64))
		o := whole(true)
		if b >= 0 {
			o = withPair(o, texts[b])
		}
		o.MaxLength = int(row[2].(float64))
		o.TruncationStrategy, o.TruncationSide = row[3].(string), row[4].(string)
		e, err := tok.Encode(texts[a], o)
		m.check(digest(e, err), row[5].(string), func() string { return fmt.Sprintf("truncated %v, %s", row, describe(a, texts[a], e, err)) })
		if err == nil && len(e.IDs) > o.MaxLength {
			m.t.Errorf("truncated %v to %d tokens", row, len(e.IDs))
		}
	}
}

func checkPadded(m *mismatches, tok *tokenizer.Tokenizer, texts []string, batches []paddedBatch) {
	m.t.Helper()
	for _, batch := range batches {
		o := whole(true)
		p := batch.options
		o.Pad = &tokenizer.Padding{Length: p.Length, MultipleOf: p.PadToMultipleOf, Side: p.Direction,
			ID: p.PadID, TypeID: p.PadTypeID, Token: p.PadToken}
		var batchTexts []string
		for _, i := range batch.texts {
			batchTexts = append(batchTexts, texts[i])
		}
		all, err := tok.EncodeBatch(batchTexts, o)
		if err != nil || batch.digests == nil {
			if (err != nil) != (batch.digests == nil) {
				m.t.Errorf("batch %v: error %v, the library has %v", batch.texts, err, batch.digests)
			}
			continue
		}
		for i, e := range all {
			m.check(digest(e, nil), batch.digests[i], func() string {
				return fmt.Sprintf("padded %+v, %s", p, describe(batch.texts[i], batchTexts[i], e, nil))
			})
		}
	}
}

// checkDeclared lets the file's own truncation and padding work.
func checkDeclared(m *mismatches, tok *tokenizer.Tokenizer, texts []string, singles, pairs, batches string) {
	m.t.Helper()
	o := whole(true)
	o.Pad = tok.Padding()
	if tok.Truncation() != nil {
		o.MaxLength = -1
	}
	for i, text := range texts {
		e, err := tok.Encode(text, o)
		m.check(digest(e, err), nth(singles, i), func() string { return "declared, " + describe(i, text, e, err) })
		if i+1 < len(texts) {
			e, err := tok.Encode(text, withPair(o, texts[i+1]))
			m.check(digest(e, err), nth(pairs, i), func() string { return "declared, pair, " + describe(i, text, e, err) })
		}
	}
	i := 0
	for batch := range slices.Chunk(texts, 8) {
		all, err := tok.EncodeBatch(batch, o)
		if err != nil {
			m.t.Fatalf("declared, batch at %d: %v", i, err)
		}
		for k, e := range all {
			m.check(digest(e, nil), nth(batches, i), func() string { return "declared, batch, " + describe(i, batch[k], e, nil) })
			i++
		}
	}
}

// nth is the digest at i of many in a row.
func nth(digests string, i int) string { return digests[16*i : 16*i+16] }

func describe(i int, text string, e *tokenizer.Encoding, err error) string {
	if err != nil {
		return fmt.Sprintf("text %d, %.200q: %v", i, text, err)
	}
	n := min(len(e.IDs), 40)
	s := fmt.Sprintf("text %d, %.200q: ids %v tokens %.300q", i, text, e.IDs[:n], e.Tokens[:n])
	return s + fmt.Sprintf(" offsets %v special %v types %v", e.Offsets[:n], e.SpecialTokensMask[:n], e.TypeIDs[:n])
}
