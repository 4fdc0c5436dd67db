package tokenizer

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// with is a tokenizer file with one part replaced.
func with(key, value string) string {
	parts := map[string]string{"normalizer": "null", "pre_tokenizer": "null", "post_processor": "null",
		"added_tokens": "[]", "truncation": "null", "padding": "null",
		"model": `{"type":"WordLevel","unk_token":"u","vocab":{"u":0}}`}
	parts[key] = value
	var fields []string
	for key, value := range parts {
		fields = append(fields, fmt.Sprintf("%q:%s", key, value))
	}
	return "{" + strings.Join(fields, ",") + "}"
}

func sequenceOf(list, part string, n int) string {
	return fmt.Sprintf(`{"type":"Sequence",%q:[%s]}`, list, strings.TrimSuffix(strings.Repeat(part+",", n), ","))
}

// TestBadFiles: files that make no tokenizer are errors that say why.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxTokenBytes+1)
	text := `{"Sequence":{"id":"A","type_id":0}},`
	for name, c := range map[string]struct{ file, want string }{
		"empty":             {``, "end of the file"},
		"not JSON":          {`PK`, `expected '{'`},
		"not UTF-8":         {"{\"a\":\"\xff\"}", "UTF-8"},
		"no model":          {`{"version":"1.0"}`, "model"},
		"other version":     {`{"version":"2.0","model":{"vocab":{}}}`, "version"},
		"unknown model":     {with("model", `{"type":"Nope","vocab":{}}`), "unknown model type"},
		"no vocabulary":     {with("model", `{"type":"BPE","merges":[]}`), "vocab"},
		"list for object":   {with("model", `{"type":"BPE","vocab":[],"merges":[]}`), "wrong kind"},
		"id out of range":   {with("model", `{"type":"WordLevel","unk_token":"u","vocab":{"u":4294967295}}`), "token id"},
		"token too long":    {with("model", `{"type":"WordLevel","unk_token":"u","vocab":{"`+long+`":1}}`), "bytes"},
		"score not finite":  {with("model", `{"type":"Unigram","vocab":[["a",1e999]]}`), "out of range"},
		"unknown out of it": {with("model", `{"type":"Unigram","unk_id":1,"vocab":[["a",0]]}`), "unknown token"},
		"merge of nothing":  {with("model", `{"type":"BPE","vocab":{"a":0},"merges":["a b"]}`), "not in the vocabulary"},
		"merge of three":    {with("model", `{"type":"BPE","vocab":{"a":0},"merges":["a b c"]}`), "merge 1"},
		"short merge": {with("model",
			`{"type":"BPE","continuing_subword_prefix":"##","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}`), "prefix"},
		"unknown normalizer": {with("normalizer", `{"type":"Nope"}`), "no such normalizer"},
		"no normalizer":      {with("normalizer", `"NFC"`), "normalizer"},
		"long sequence":      {with("normalizer", sequenceOf("normalizers", `{"type":"NFC"}`, 65)), "sequence of 65"},
		"deep sequence": {with("normalizer", strings.Repeat(`{"type":"Sequence","normalizers":[`, 100)+
			strings.Repeat("]}", 100)), "nested deeper"},
		"bad charsmap":     {with("normalizer", `{"type":"Precompiled","precompiled_charsmap":"!"}`), "charsmap"},
		"short charsmap":   {with("normalizer", `{"type":"Precompiled","precompiled_charsmap":"AAA="}`), "charsmap"},
		"cut charsmap":     {with("normalizer", `{"type":"Precompiled","precompiled_charsmap":"/////w=="}`), "charsmap"},
		"bad pattern":      {with("pre_tokenizer", `{"type":"Split","pattern":{"Regex":"("},"behavior":"Removed","invert":false}`), "pattern"},
		"no behavior":      {with("pre_tokenizer", `{"type":"Split","pattern":{"Regex":"a"},"invert":false}`), "behavior"},
		"no length":        {with("pre_tokenizer", `{"type":"FixedLength","length":0}`), "length"},
		"two characters":   {with("pre_tokenizer", `{"type":"CharDelimiterSplit","delimiter":"ab"}`), "one character"},
		"prefix at odds":   {with("pre_tokenizer", `{"type":"Metaspace","replacement":"_","add_prefix_space":false}`), "prepend_scheme"},
		"unknown scheme":   {with("pre_tokenizer", `{"type":"Metaspace","replacement":"_","prepend_scheme":"x"}`), "prepend_scheme"},
		"unknown token":    {with("post_processor", `{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}}],"pair":[],"special_tokens":{}}`), "special_tokens"},
		"second of one":    {with("post_processor", `{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B","type_id":0}}],"pair":[],"special_tokens":{}}`), "sequence"},
		"text repeated":    {with("post_processor", `{"type":"TemplateProcessing","single":[`+strings.TrimSuffix(strings.Repeat(text, 9), ",")+`],"pair":[],"special_tokens":{}}`), "repeats"},
		"bad pair":         {with("post_processor", `{"type":"BertProcessing","sep":["a"],"cls":["b",1]}`), "sep"},
		"bad added token":  {with("added_tokens", `[{"id":1,"content":"x"}]`), "single_word"},
		"bad truncation":   {with("truncation", `{"max_length":5,"strategy":"x","stride":0}`), "strategy"},
		"bad padding":      {with("padding", `{"strategy":"x"}`), "strategy"},
		"negative padding": {with("padding", `{"strategy":{"Fixed":-1}}`), "Fixed"},
	} {
		_, err := Parse([]byte(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want an error with %q", name, err, c.want)
		}
	}
}

// TestTextsThatGrow: a file cannot make a text grow without bounds.
func TestTextsThatGrow(t *testing.T) {
	t.Parallel()
	// A trie in which the letter a leads to a megabyte of replacement.
	units := make([]uint32, 98)
	units['a'] = 'a' | 1<<8 | 1<<10
	data := binary.LittleEndian.AppendUint32(nil, uint32(4*len(units)))
	for _, unit := range units {
		data = binary.LittleEndian.AppendUint32(data, unit)
	}
	charsmap := base64.StdEncoding.EncodeToString(append(data, strings.Repeat("x", 1<<20)...))
	for name, file := range map[string]string{
		"replacements": with("normalizer", sequenceOf("normalizers",
			`{"type":"Replace","pattern":{"String":"a"},"content":"aaaaaaaa"}`, 64)),
		"prepended": with("normalizer", sequenceOf("normalizers", `{"type":"Prepend","prepend":"`+strings.Repeat("a", 1<<20)+`"}`, 9)),
		"bytes":     with("normalizer", sequenceOf("normalizers", `{"type":"ByteLevel"}`, 64)),
		"pieces":    with("pre_tokenizer", sequenceOf("pretokenizers", `{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true}`, 64)),
		"charsmap":  with("normalizer", `{"type":"Precompiled","precompiled_charsmap":"`+charsmap+`"}`),
	} {
		tok := mustParse(t, file)
		e, err := tok.Encode(strings.Repeat("aé", 100), Options{})
		if err == nil {
			t.Errorf("%s: %d tokens", name, len(e.IDs))
		}
	}
}

// TestLongTexts encodes a megabyte without a space, and other long runs, with every kind of tokenizer.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	size := 1 << 20
	if testing.Short() {
		size = 1 << 14
	}
	for i, file := range append([]string{words}, smallFiles...) {
		tok := mustParse(t, file)
		for _, unit := range []string{"a", "e\u0301", "\u0301\u0323", " ", "👨\u200d", "[SEP]"} {
			text := strings.Repeat(unit, size/len(unit))
			e, err := tok.Encode(text, Options{Offsets: i%2 == 0})
			if err != nil {
				t.Errorf("tokenizer %d, a megabyte of %q: %v", i, unit, err)
			} else if e.FullLength != len(e.IDs) {
				t.Errorf("tokenizer %d, a megabyte of %q: %d tokens of %d", i, unit, len(e.IDs), e.FullLength)
			}
		}
	}
	if _, err := mustParse(t, words).Encode(strings.Repeat(" ", maxTextBytes+1), Options{}); err == nil {
		t.Error("a text of any length is taken")
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, data string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if _, err := Load(filepath.Join(dir, "none.json")); err == nil {
		t.Error("a file that is not there was read")
	}
	if _, err := Load(dir); err == nil {
		t.Error("a folder was read")
	}
	if _, err := LoadDir(dir); err == nil || !strings.Contains(err.Error(), "no tokenizer.json") {
		t.Errorf("an empty folder: %v", err)
	}
	path := write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n")
	tok, err := LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	e, err := tok.Encode("Hello there", Options{AddSpecialTokens: true})
	if err != nil || fmt.Sprint(e.IDs) != "[2 5 1 3]" {
		t.Errorf("%+v %v", e, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	write("tokenizer.model", "this is no protobuf")
	if _, err := LoadDir(dir); err == nil || !strings.Contains(err.Error(), "sentencepiece") {
		t.Errorf("a bad sentencepiece model: %v", err)
	}
	write("config.json", `{"model_type":"whisper"}`)
	write("tokenizer_config.json", `{"tokenizer_class":"WhisperTokenizer"}`)
	if _, err := LoadDir(dir); err == nil || !strings.Contains(err.Error(), "WhisperTokenizer") {
		t.Errorf("a class that cannot be built: %v", err)
	}
	write("tokenizer.json", words)
	if _, err := LoadDir(dir); err != nil {
		t.Error(err)
	}
	write("tokenizer.json", "{")
	if _, err := LoadDir(dir); err == nil || !strings.Contains(err.Error(), "tokenizer.json") {
		t.Errorf("a broken tokenizer.json: %v", err)
	}
}
