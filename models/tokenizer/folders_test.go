package tokenizer_test

import (
	"os"
	"slices"
	"testing"

	"github.com/divinedevops/probe/models/tokenizer"
)

// TestFolders: out of a folder without a tokenizer.json comes the tokenizer that transformers builds out of it.
func TestFolders(t *testing.T) {
	t.Parallel()
	texts := corpus(t)
	folders, err := os.ReadDir(fixture("folders"))
	if err != nil || len(folders) < 20 {
		t.Fatalf("%d folders: %v", len(folders), err)
	}
	for _, folder := range folders {
		name := folder.Name()
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tok, err := tokenizer.LoadDir(fixture("folders", name))
			if err != nil {
				t.Fatal(err)
			}
			checkTruth(t, tok, texts, fixture("expected-converted", name+".json.gz"))
			compareVocabularies(t, tok, trained(t, "converted", name))
		})
	}
}

// compareVocabularies holds two tokenizers against each other token by token.
func compareVocabularies(t *testing.T, got, want *tokenizer.Tokenizer) {
	t.Helper()
	if got.VocabSize() != want.VocabSize() {
		t.Errorf("%d tokens, want %d", got.VocabSize(), want.VocabSize())
	}
	for id := range int64(want.VocabSize()) {
		a, okA := got.IDToToken(id)
		b, okB := want.IDToToken(id)
		if a != b || okA != okB {
			t.Errorf("token %d is %q %v, want %q %v", id, a, okA, b, okB)
		}
	}
	if a, b := got.AddedTokens(), want.AddedTokens(); !slices.Equal(a, b) {
		t.Errorf("added tokens:\n got %+v\nwant %+v", a, b)
	}
}
