package tokenizer

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// randomTokens are tokens over a small alphabet, so that many have heads in common, with some twice.
func randomTokens(r *rand.Rand, n int) []trieToken {
	alphabet := []rune("abcdefghijklé中\x00▁😀")
	tokens := make([]trieToken, n)
	for i := range tokens {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteRune(alphabet[r.IntN(len(alphabet))])
		}
		tokens[i] = trieToken{text: b.String(), id: int32(i)}
	}
	return tokens
}

func TestTrie(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 10, 1000, 20_000} {
		tokens := randomTokens(r, n)
		want := map[string]int32{}
		for _, token := range tokens {
			want[token.text] = token.id
		}
		trie, err := newTrie(tokens)
		if err != nil {
			t.Fatal(err)
		}
		if trie.size != len(want) || len(trie.replaced) != n-len(want) {
			t.Errorf("%d different tokens, %d replaced; want %d and %d", trie.size, len(trie.replaced), len(want), n-len(want))
		}
		for text, id := range want {
			if got := trie.find(text); got != id {
				t.Fatalf("%q has the id %d, want %d", text, got, id)
			}
			if got, has := trie.find(text+"x"), want[text+"x"]; got != noToken && got != has {
				t.Fatalf("%q is found", text+"x")
			}
		}
		for _, token := range randomTokens(r, 200) {
			end, id := trie.longest(token.text, 0)
			wantEnd, wantID := 0, int32(noToken)
			for i := range token.text + "." {
				if known, ok := want[token.text[:i]]; ok && i > 0 {
					wantEnd, wantID = i, known
				}
			}
			if id != wantID || (id != noToken && end != wantEnd) {
				t.Fatalf("%q: longest is %d to byte %d, want %d to %d", token.text, id, end, wantID, wantEnd)
			}
		}
	}
}

func TestVocabulary(t *testing.T) {
	t.Parallel()
	for _, index := range []func(v *vocab) error{
		func(v *vocab) error { return v.indexByTrie() },
		func(v *vocab) error { v.indexByHash(); return nil },
	} {
		v := newVocab(0)
		for i, token := range []string{"a", "b", "", "a", "ab"} {
			if err := v.add([]byte(token), int32(i*1_000_000)); err != nil {
				t.Fatal(err)
			}
		}
		v.close()
		if err := index(v); err != nil {
			t.Fatal(err)
		}
		if v.size() != 4 {
			t.Errorf("%d tokens, want 4", v.size())
		}
		for token, want := range map[string]int32{"a": 3_000_000, "b": 1_000_000, "": 2_000_000, "ab": 4_000_000} {
			if id, ok := v.id(token); !ok || id != want {
				t.Errorf("%q has the id %d %v, want %d", token, id, ok, want)
			}
			if text, ok := v.token(want); !ok || text != token {
				t.Errorf("%d is %q %v, want %q", want, text, ok, token)
			}
		}
		if _, ok := v.id("abc"); ok {
			t.Error("abc is found")
		}
		if text, ok := v.token(0); ok {
			t.Errorf("0 is %q: a later entry of the same token has replaced it", text)
		}
	}
}
