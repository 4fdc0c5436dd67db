package tokenizer

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// smallFiles are tokenizers of every model and of most components, for the fuzzers to start from.
var smallFiles = []string{
	`{"version":"1.0","truncation":{"max_length":8,"strategy":"LongestFirst","stride":1},"padding":{"strategy":{"Fixed":4},
	"direction":"Left","pad_to_multiple_of":3,"pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"},"added_tokens":[
	{"id":3,"content":"[SEP]","single_word":false,"lstrip":true,"rstrip":true,"normalized":false,"special":true},
	{"id":9,"content":"New","single_word":true,"lstrip":false,"rstrip":false,"normalized":true,"special":false}],
	"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,
	"lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},"post_processor":{"type":"TemplateProcessing",
	"single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}}],
	"pair":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}},
	{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}},
	"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,
	"vocab":{"[UNK]":0,"a":1,"##b":2,"[SEP]":3,"中":4,"e":5}}}`,
	`{"added_tokens":[],"normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Prepend","prepend":"_"},
	{"type":"Replace","pattern":{"Regex":"\\s+|^"},"content":"▁"},{"type":"Strip","strip_left":true,"strip_right":true},
	{"type":"StripAccents"},{"type":"Nmt"},{"type":"Lowercase"}]},"pre_tokenizer":{"type":"Metaspace","replacement":"▁",
	"prepend_scheme":"first","split":true},"post_processor":{"type":"BertProcessing","sep":["b",2],"cls":["a",1]},
	"model":{"type":"Unigram","unk_id":0,"byte_fallback":true,"vocab":[["<unk>",0.0],["a",-1.5],["b",-2],["▁",-1e1],
	["ab",-1.25],["<0xC3>",-9],["<0xA9>",-9]]}}`,
	`{"added_tokens":[],"normalizer":null,"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split",
	"pattern":{"Regex":"(?i:'s|'t)|\\p{L}+(?!x)|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+|\\s+"},"behavior":"MergedWithPrevious",
	"invert":true},{"type":"Digits","individual_digits":false},{"type":"ByteLevel","add_prefix_space":true,
	"trim_offsets":true}]},"post_processor":{"type":"RobertaProcessing","sep":["b",1],"cls":["a",0],"trim_offsets":true,
	"add_prefix_space":true},"model":{"type":"BPE","unk_token":"a","fuse_unk":true,"byte_fallback":true,
	"continuing_subword_prefix":"","end_of_word_suffix":"</w>","ignore_merges":true,"vocab":{"a":0,"b":1,"ab":2,"Ġ":3,
	"c</w>":4,"abc</w>":5,"bc</w>":6},"merges":["a b",["b","c</w>"],["a","bc</w>"]]}}`,
	`{"added_tokens":[],"normalizer":{"type":"Precompiled","precompiled_charsmap":"BAAAAAAAAAAA"},"pre_tokenizer":
	{"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"Punctuation","behavior":"Contiguous"},
	{"type":"UnicodeScripts"},{"type":"FixedLength","length":2},{"type":"CharDelimiterSplit","delimiter":"x"}]},
	"post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel","trim_offsets":true,"add_prefix_space":false}]},
	"model":{"type":"WordLevel","unk_token":"u","vocab":{"u":0,"ab":1}}}`,
}

var smallTexts = []string{"", "a ab abc", "New [SEP]  new\t", "é e\u0301 ﬁ ½ 中文 👨‍👩‍👧", "\x00\xff\xe4\xb8", "'S'ſ 12345 !!! \r\n\r\n"}

// FuzzParse reads any bytes as a tokenizer.json; what can be read encodes a few texts without a panic.
func FuzzParse(f *testing.F) {
	for _, file := range smallFiles {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tok, err := Parse(data)
		if err != nil {
			return
		}
		for _, text := range smallTexts {
			checkEncode(t, tok, text, text+"x")
		}
	})
}

// FuzzEncode encodes any text with tokenizers of every kind.
func FuzzEncode(f *testing.F) {
	var toks []*Tokenizer
	for _, file := range smallFiles {
		tok, err := Parse([]byte(file))
		if err != nil {
			f.Fatal(err)
		}
		toks = append(toks, tok)
	}
	for _, text := range smallTexts {
		f.Add(text, "b")
	}
	f.Fuzz(func(t *testing.T, text, pair string) {
		for _, tok := range toks {
			checkEncode(t, tok, text, pair)
		}
	})
}

// checkEncode holds what must be true of every encoding.
func checkEncode(t *testing.T, tok *Tokenizer, text, pair string) {
	t.Helper()
	for _, o := range []Options{
		{}, {Tokens: true, Offsets: true}, {AddSpecialTokens: true, Offsets: true, Pair: &pair, Tokens: true},
		{AddSpecialTokens: true, MaxLength: 6, Pad: &Padding{Length: 7}}, {MaxLength: -1, Pad: tok.Padding()},
	} {
		e, err := tok.Encode(text, o)
		if err != nil {
			continue
		}
		n := len(e.IDs)
		if len(e.TypeIDs) != n || len(e.AttentionMask) != n || len(e.SpecialTokensMask) != n {
			t.Fatalf("%q: %d ids, %d type ids, %d and %d masks", text, n, len(e.TypeIDs), len(e.AttentionMask),
				len(e.SpecialTokensMask))
		}
		if o.MaxLength > 0 && o.Pad == nil && n > o.MaxLength {
			t.Fatalf("%q: %d tokens, at most %d were asked for", text, n, o.MaxLength)
		}
		if !o.Offsets {
			continue
		}
		if len(e.Offsets) != n || len(e.Tokens) != n {
			t.Fatalf("%q: %d ids, %d tokens, %d offsets", text, n, len(e.Tokens), len(e.Offsets))
		}
		bare, err := tok.Encode(text, Options{AddSpecialTokens: o.AddSpecialTokens, Pair: o.Pair})
		if err != nil {
			t.Fatalf("%q: without offsets: %v", text, err)
		}
		for i, id := range bare.IDs {
			if id != e.IDs[i] {
				t.Fatalf("%q: ids %v with offsets, %v without", text, e.IDs, bare.IDs)
			}
		}
		if pair := o.Pair; pair == nil {
			chars := utf8.RuneCountInString(validUTF8(text))
			for i, at := range e.Offsets {
				if at[0] < 0 || at[1] < at[0] || at[1] > chars+1 {
					t.Fatalf("%q: token %d has the offsets %v, the text %d characters", text, i, at, chars)
				}
			}
		}
	}
}

// FuzzRegex matches any pattern against any text: it may fail, but not hang, panic, or leave a gap.
func FuzzRegex(f *testing.F) {
	for _, p := range []string{patternGPT2, patternLlama3, patternO200k, `(?<=a|bc)d\b`, `(a*)*b`, `(?i)[^k-m&&\w]+?`,
		`(?<n>a)\k<n>{2,3}+|\X|\R|\Kx`, `(?>a+|^)*$`} {
		f.Add(p, "it's 1234 ABC\r\n  déjà 中文")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		re, err := newRegex(pattern)
		if err != nil {
			return
		}
		text = validUTF8(text)
		if len(text) > 1<<10 {
			text = strings.ToValidUTF8(text[:1<<10], "")
		}
		cuts, err := re.cuts(new(scratch), text)
		if err != nil {
			return
		}
		at := 0
		for _, c := range cuts {
			if c.start != at || c.end < c.start || !utf8.ValidString(text[c.start:c.end]) {
				t.Fatalf("%q on %q: cuts %v", pattern, text, cuts)
			}
			at = c.end
		}
		if at != len(text) {
			t.Fatalf("%q on %q: cuts %v", pattern, text, cuts)
		}
	})
}
