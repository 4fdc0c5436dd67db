package tokenizer

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMergesBothWays: the search for short pieces and the heap for long ones come to the same tokens.
func TestMergesBothWays(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		tokens := []string{"a", "b", "c"}
		ids := map[string]int32{"a": 0, "b": 1, "c": 2}
		b := &bpe{merges: newMergeTable(60)}
		for rank := range int32(60) {
			left, right := tokens[r.IntN(len(tokens))], tokens[r.IntN(len(tokens))]
			joined := left + right
			if _, known := ids[joined]; !known {
				ids[joined] = int32(len(tokens))
				tokens = append(tokens, joined)
			}
			b.merges.put(ids[left], ids[right], rank, ids[joined])
		}
		few, many := new(scratch), new(scratch)
		for range 1 + r.IntN(100) {
			id := r.Int32N(3)
			few.add(id, 1)
			many.add(id, 1)
		}
		b.mergeFew(few)
		b.mergeMany(many)
		same := slices.EqualFunc(few.symbols, many.symbols, func(a, b symbol) bool {
			return a.id == b.id && a.length == b.length
		})
		if !same {
			t.Fatalf("searched %v, by heap %v", few.symbols, many.symbols)
		}
	}
}
