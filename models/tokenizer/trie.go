package tokenizer

import (
	"fmt"
	"unicode/utf8"
)

// trie is a prefix tree of tokens, one character a step. The children of a node lie together, so that a step takes one
// memory access or two; nodes with many children find theirs by a hash table.
type trie struct {
	nodes []trieNode
	wide  []wideNode
	ascii [128]uint32 // children of the root
	empty int32       // the token without a text, noToken for none
	size  int         // different tokens
	// replaced are the places in the list of those that an equal one came after.
	replaced []uint32
}

// trieNode is a prefix of tokens. The root is node 0.
type trieNode struct {
	label uint32 // the last character, and above it the number of children, or tooWide
	first uint32 // the first child; of a wide node its number in trie.wide
	id    int32  // of the token that ends here, noToken for none
}

const (
	labelBits    = 21 // of a code point
	labelMask    = 1<<labelBits - 1
	tooWide      = 1<<(32-labelBits) - 1
	fewChildren  = 8
	maxTrieNodes = 1 << 24
)

// wideNode are the children of a node that has many.
type wideNode struct {
	slots []uint64 // character<<32 | child; 0 is free
	shift uint8
}

// step follows an edge; next is 0 if there is none.
func (t *trie) step(node uint32, r rune) (next uint32, id int32) {
	if node == 0 && uint32(r) < utf8.RuneSelf {
		next = t.ascii[r]
		return next, t.nodes[next].id
	}
	return t.child(node, r)
}

// child is step without the table of the root.
func (t *trie) child(node uint32, r rune) (next uint32, id int32) {
	n := &t.nodes[node]
	count := n.label >> labelBits
	if count == tooWide {
		next = t.wide[n.first].find(r)
		return next, t.nodes[next].id
	}
	for i := n.first; i < n.first+count; i++ {
		if c := &t.nodes[i]; c.label&labelMask == uint32(r) {
			return i, c.id
		}
	}
	return 0, noToken
}

func (w *wideNode) find(r rune) uint32 {
	mask := uint32(len(w.slots) - 1)
	for at := uint32(r) * 0x9E3779B1 >> w.shift; ; at++ {
		s := w.slots[at&mask]
		if s == 0 || s>>32 == uint64(r) {
			return uint32(s)
		}
	}
}

// longest is the longest token that begins at byte at; id is noToken if none does.
func (t *trie) longest(text string, at int) (end int, id int32) {
	id = noToken
	node := uint32(0)
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

// find is the id of a token, noToken if there is no such token.
func (t *trie) find(token string) int32 {
	node, id := uint32(0), t.empty
	for _, r := range token {
		if node, id = t.step(node, r); node == 0 {
			return noToken
		}
	}
	return id
}

// trieToken is a token to put into a trie.
type trieToken struct {
	text  string
	id    int32
	place uint32 // in the list, which newTrie fills in
}

// newTrie builds a trie. Of equal tokens the last counts. The empty token is found by find only.
func newTrie(tokens []trieToken) (*trie, error) {
	for i := range tokens {
		tokens[i].place = uint32(i)
	}
	sorted := sortTokens(tokens)
	t := &trie{nodes: make([]trieNode, 1, len(tokens)*2+1), empty: noToken}
	t.nodes[0].id = noToken // no edge leads to the root: it stands for none
	t.empty, sorted = t.ending(sorted, 0)
	if err := t.grow(0, sorted, 0); err != nil {
		return nil, err
	}
	for r := range t.ascii {
		t.ascii[r], _ = t.child(0, rune(r))
	}
	return t, nil
}

// ending is the id of the tokens that end at byte end, which come first, and the tokens that go on.
func (t *trie) ending(tokens []trieToken, end int) (id int32, rest []trieToken) {
	id = noToken
	for i := range tokens {
		if len(tokens[i].text) > end {
			break
		}
		if id != noToken {
			t.replaced = append(t.replaced, tokens[i-1].place)
		} else {
			t.size++
		}
		id = tokens[i].id
		rest = tokens[i+1:]
	}
	if id == noToken {
		return id, tokens
	}
	return id, rest
}

// grow adds the children of a node: those of sorted tokens that are longer than depth bytes and have those in common.
func (t *trie) grow(node uint32, tokens []trieToken, depth int) error {
	if len(tokens) == 0 {
		return nil
	}
	first := uint32(len(t.nodes))
	starts := make([]int, 0, fewChildren+1)
	for i := 0; i < len(tokens); {
		r, n := utf8.DecodeRuneInString(tokens[i].text[depth:])
		head := tokens[i].text[depth : depth+n]
		t.nodes = append(t.nodes, trieNode{label: uint32(r), id: noToken})
		starts = append(starts, i)
		for i < len(tokens) && tokens[i].text[depth:depth+n] == head {
			i++
		}
	}
	if len(t.nodes) > maxTrieNodes {
		return fmt.Errorf("a vocabulary with more than %d distinct prefixes", maxTrieNodes)
	}
	count := uint32(len(starts))
	starts = append(starts, len(tokens))
	if count > fewChildren {
		t.nodes[node].label |= tooWide << labelBits
		t.nodes[node].first = uint32(len(t.wide))
		t.wide = append(t.wide, t.newWide(first, count))
	} else {
		t.nodes[node].label |= count << labelBits
		t.nodes[node].first = first
	}
	for i := range count {
		group := tokens[starts[i]:starts[i+1]]
		end := depth + utf8.RuneLen(rune(t.nodes[first+i].label&labelMask))
		t.nodes[first+i].id, group = t.ending(group, end)
		if err := t.grow(first+i, group, end); err != nil {
			return err
		}
	}
	return nil
}

func (t *trie) newWide(first, count uint32) wideNode {
	log := 5
	for 1<<log < count*2 {
		log++
	}
	w := wideNode{slots: make([]uint64, 1<<log), shift: uint8(32 - log)}
	mask := uint32(len(w.slots) - 1)
	for i := first; i < first+count; i++ {
		r := t.nodes[i].label & labelMask
		at := r * 0x9E3779B1 >> w.shift
		for w.slots[at&mask] != 0 {
			at++
		}
		w.slots[at&mask] = uint64(r)<<32 | uint64(i)
	}
	return w
}
