package tokenizer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBertSettings: the settings of a class come before those of the file, where its normalizer is BERT's.
func TestBertSettings(t *testing.T) {
	t.Parallel()
	const file = `{"version":"1.0","normalizer":%s,"pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordPiece",
		"unk_token":"u","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"u":0,"e":1,"é":2,"E":3,"É":4}}}`
	const bert = `{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}`
	yes, no := true, false
	for _, c := range []struct {
		name, normalizer string
		settings         BertSettings
		want             string
	}{
		{"lower", bert, BertSettings{Lowercase: true}, "[1 1 1 1]"},
		{"cased", bert, BertSettings{}, "[1 2 3 4]"},
		{"cased without accents", bert, BertSettings{StripAccents: &yes}, "[1 1 3 3]"},
		{"lower with accents", bert, BertSettings{Lowercase: true, StripAccents: &no}, "[1 2 1 2]"},
		{"another normalizer", `{"type":"Lowercase"}`, BertSettings{}, "[1 2 1 2]"},
		{"none", "null", BertSettings{Lowercase: true}, "[1 2 3 4]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "tokenizer.json")
			if err := os.WriteFile(path, fmt.Appendf(nil, file, c.normalizer), 0o600); err != nil {
				t.Fatal(err)
			}
			tok, err := LoadBert(path, c.settings)
			if err != nil {
				t.Fatal(err)
			}
			e, err := tok.Encode("e é E É", Options{})
			if err != nil || fmt.Sprint(e.IDs) != c.want {
				t.Errorf("ids %v, expected %s: %v", e.IDs, c.want, err)
			}
		})
	}
	for class, want := range map[string]bool{
		"BertTokenizer": true, "DistilBertTokenizerFast": true, "MPNetTokenizer": true, "PreTrainedTokenizerFast": false,
		"RobertaTokenizer": false, "": false,
	} {
		if ClassHasBertSettings(class) != want {
			t.Errorf("%q: expected %t", class, want)
		}
	}
}

// TestPointerInsteadOfTokenizer: a clone without Git LFS is told as that.
func TestPointerInsteadOfTokenizer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tokenizer.json")
	if err := os.WriteFile(path, []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "git lfs pull") {
		t.Errorf("expected the way to fetch the file, found %v", err)
	}
}
