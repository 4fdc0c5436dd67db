package tokenizer

import (
	"fmt"
	"hash/maphash"
	"math/bits"
	"unicode/utf8"
)

// trie is a tree of tokens that steps by character. Its edges lie in one hash table keyed by (node, character), which
// builds in one pass over an unsorted vocabulary - a double array has to sort it first - and takes one memory access
// a step.
type trie struct {
	slots  []trieSlot
	shift  uint8
	factor uint64
	used   int
	nodes  uint32
	ascii  [128]trieSlot // the edges of the root that most texts take
}

type trieSlot struct {
	key  uint64 // node<<21 | character; 0 is a free slot (node 0 is none; the root is 1)
	node uint32
	id   int32 // of the token that ends here, -1 for none
}

const (
	trieRoot     = 1
	trieRune     = 21      // bits of a code point
	maxTrieNodes = 1 << 24 // a quarter of a gigabyte of edges
)

func newTrie(sizeHint int) *trie {
	t := &trie{nodes: trieRoot}
	// A random odd factor, so that no file can be made whose edges all collide.
	t.factor = maphash.Comparable(maphash.MakeSeed(), 0) | 1
	t.alloc(bits.Len(uint(max(1024, sizeHint*2) - 1)))
	return t
}

func (t *trie) alloc(log int) {
	t.slots = make([]trieSlot, 1<<log)
	t.shift = uint8(64 - log)
}

// edge finds the slot of an edge, free if there is no such edge.
func (t *trie) edge(node uint32, r rune) *trieSlot {
	key := uint64(node)<<trieRune | uint64(r)
	mask := uint64(len(t.slots) - 1)
	at := (key ^ key>>29) * t.factor >> t.shift
	for t.slots[at&mask].key != 0 && t.slots[at&mask].key != key {
		at++
	}
	return &t.slots[at&mask]
}

// step follows an edge; node 0 means that there is none.
func (t *trie) step(node uint32, r rune) (next uint32, id int32) {
	if node == trieRoot && r < 128 {
		s := &t.ascii[r]
		return s.node, s.id
	}
	s := t.edge(node, r)
	return s.node, s.id
}

// add puts a token in; a later one replaces an earlier one that is equal. Empty tokens are left out: none can match.
func (t *trie) add(token string, id int32) error {
	node := uint32(trieRoot)
	var last *trieSlot
	for _, r := range token {
		last = t.edge(node, r)
		if last.key == 0 {
			if t.used*4 > len(t.slots)*3 {
				t.double()
				last = t.edge(node, r)
			}
			if t.used++; t.used > maxTrieNodes {
				return fmt.Errorf("a vocabulary with more than %d distinct prefixes", maxTrieNodes)
			}
			t.nodes++
			*last = trieSlot{uint64(node)<<trieRune | uint64(r), t.nodes, -1}
		}
		node = last.node
	}
	if last != nil {
		last.id = id
	}
	return nil
}

func (t *trie) double() {
	old := t.slots
	t.alloc(bits.Len(uint(len(old)*2 - 1)))
	for _, s := range old {
		if s.key != 0 {
			*t.edge(uint32(s.key>>trieRune), rune(s.key&(1<<trieRune-1))) = s
		}
	}
}

// freeze fills the table of the root's ASCII edges; step may be called after it only.
func (t *trie) freeze() {
	for r := range t.ascii {
		t.ascii[r] = *t.edge(trieRoot, rune(r))
	}
}

// longest is the longest token that begins at byte at; id is noToken where none does.
func (t *trie) longest(text string, at int) (end int, id int32) {
	id = noToken
	node := uint32(trieRoot)
	for at < len(text) {
		r, n := rune(text[at]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[at:])
		}
		var here int32
		if node, here = t.step(node, r); node == 0 {
			break
		}
		at += n
		if here != noToken {
			end, id = at, here
		}
	}
	return end, id
}
