package tokenizer

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// words is a WordLevel tokenizer of single letters, with [CLS] A [SEP] B [SEP] around them.
const words = `{"pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":{"type":"BertProcessing","sep":["[SEP]",2],
	"cls":["[CLS]",1]},"truncation":{"max_length":5,"strategy":"OnlyFirst","stride":0,"direction":"Left"},
	"padding":{"strategy":"BatchLongest","direction":"Left","pad_to_multiple_of":4,"pad_id":9,"pad_type_id":3,
	"pad_token":"[PAD]"},"model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":2,"a":3,
	"b":4,"c":5,"d":6,"e":7,"f":8,"[PAD]":9}}}`

func mustParse(t testing.TB, file string) *Tokenizer {
	t.Helper()
	tok, err := Parse([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestTruncation(t *testing.T) {
	t.Parallel()
	tok := mustParse(t, words)
	pair := "e f"
	for _, c := range []struct {
		text string
		o    Options
		want []int64
		full int
	}{
		{"a b c d", Options{}, []int64{3, 4, 5, 6}, 4},
		{"a b c d", Options{MaxLength: 3}, []int64{3, 4, 5}, 4},
		{"a b c d", Options{MaxLength: 3, TruncationSide: "left"}, []int64{4, 5, 6}, 4},
		{"a b c d", Options{MaxLength: 3, AddSpecialTokens: true}, []int64{1, 3, 2}, 6},
		{"a b c d", Options{MaxLength: 2, AddSpecialTokens: true}, []int64{1, 2}, 6},
		{"a b c d", Options{MaxLength: -1, AddSpecialTokens: true}, []int64{1, 4, 5, 6, 2}, 6},
		{"a b c d", Options{MaxLength: 4, Pair: &pair}, []int64{3, 4, 7, 8}, 6},
		{"a b c d", Options{MaxLength: 5, Pair: &pair}, []int64{3, 4, 5, 7, 8}, 6},
		{"a b c d", Options{MaxLength: 3, Pair: &pair}, []int64{3, 4, 7}, 6},
		{"a", Options{MaxLength: 2, Pair: &pair}, []int64{3, 7}, 3},
		{"a b c d", Options{MaxLength: 4, Pair: &pair, TruncationStrategy: OnlySecond}, nil, 0},
		{"a b c d", Options{MaxLength: 5, Pair: &pair, TruncationStrategy: OnlySecond}, []int64{3, 4, 5, 6, 7}, 6},
		{"a b c d", Options{MaxLength: 3, TruncationStrategy: OnlySecond}, nil, 0},
		{"a b c d", Options{MaxLength: 1, AddSpecialTokens: true}, nil, 0},
		{"a b c d", Options{MaxLength: 3, TruncationSide: "up"}, nil, 0},
		{"a b c d", Options{MaxLength: 3, TruncationStrategy: "some"}, nil, 0},
	} {
		e, err := tok.Encode(c.text, c.o)
		if c.want == nil {
			if err == nil {
				t.Errorf("%q %+v: %v, want an error", c.text, c.o, e.IDs)
			}
			continue
		}
		if err != nil || !slices.Equal(e.IDs, c.want) || e.FullLength != c.full || e.Truncated != (len(e.IDs) < c.full) {
			t.Errorf("%q %+v: %+v %v, want %v of %d", c.text, c.o, e, err, c.want, c.full)
		}
	}
}

func TestPadding(t *testing.T) {
	t.Parallel()
	tok := mustParse(t, words)
	all, err := tok.EncodeBatch([]string{"a", "a b c d e", ""}, Options{Pad: tok.Padding(), Tokens: true, Offsets: true})
	if err != nil {
		t.Fatal(err)
	}
	want := &Encoding{
		IDs: []int64{9, 9, 9, 9, 9, 9, 9, 3}, TypeIDs: []int64{3, 3, 3, 3, 3, 3, 3, 0},
		AttentionMask: []int64{0, 0, 0, 0, 0, 0, 0, 1}, SpecialTokensMask: []int64{1, 1, 1, 1, 1, 1, 1, 0},
		Tokens:     []string{"[PAD]", "[PAD]", "[PAD]", "[PAD]", "[PAD]", "[PAD]", "[PAD]", "a"},
		Offsets:    [][2]int{{}, {}, {}, {}, {}, {}, {}, {0, 1}},
		FullLength: 1,
	}
	if !reflect.DeepEqual(all[0], want) {
		t.Errorf("%+v\nwant %+v", all[0], want)
	}
	for _, e := range all {
		if len(e.IDs) != 8 {
			t.Errorf("%d tokens, want 8", len(e.IDs))
		}
	}
	e, err := tok.Encode("a b", Options{Pad: &Padding{Length: 4, ID: 9}})
	if err != nil || !slices.Equal(e.IDs, []int64{3, 4, 9, 9}) {
		t.Errorf("%+v %v", e, err)
	}
	if _, err := tok.Encode("a", Options{Pad: &Padding{Length: maxPad + 1}}); err == nil {
		t.Error("padding without bounds")
	}
	if _, err := tok.Encode("a", Options{Pad: &Padding{Side: "up"}}); err == nil {
		t.Error("padding upwards")
	}
}

func TestVocabularyOfTokenizer(t *testing.T) {
	t.Parallel()
	tok := mustParse(t, smallFiles[0])
	if got := tok.VocabSize(); got != 7 {
		t.Errorf("%d tokens, want 7", got)
	}
	for token, want := range map[string]int64{"a": 1, "##b": 2, "[SEP]": 3, "New": 6} { // the file says 9 for New
		if id, ok := tok.TokenToID(token); !ok || id != want {
			t.Errorf("%q has the id %d %v, want %d", token, id, ok, want)
		}
		if text, ok := tok.IDToToken(want); !ok || text != token {
			t.Errorf("%d is %q %v, want %q", want, text, ok, token)
		}
	}
	if _, ok := tok.IDToToken(1 << 40); ok {
		t.Error("there is a token 2^40")
	}
	if d := tok.Truncation(); d == nil || *d != (Truncation{MaxLength: 8, Strategy: LongestFirst, Stride: 1, Side: Right}) {
		t.Errorf("truncation %+v", d)
	}
	if d := tok.Padding(); d == nil || *d != (Padding{Length: 4, MultipleOf: 3, Side: Left, Token: "[PAD]"}) {
		t.Errorf("padding %+v", d)
	}
	if one, two := tok.SpecialTokens(false), tok.SpecialTokens(true); one != 1 || two != 1 {
		t.Errorf("%d and %d special tokens", one, two)
	}
}

// TestConcurrent: a tokenizer may be used by several goroutines at once (run it with -race).
func TestConcurrent(t *testing.T) {
	t.Parallel()
	for _, file := range smallFiles {
		tok := mustParse(t, file)
		text := strings.Repeat("ab abc New é [SEP] ", 50)
		want, err := tok.Encode(text, Options{Offsets: true})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 20 {
					if got, err := tok.Encode(text, Options{Offsets: true}); err != nil || !reflect.DeepEqual(got, want) {
						t.Errorf("%v %v, want %v", got, err, want)
						return
					}
				}
			})
		}
		all.Wait()
	}
}
