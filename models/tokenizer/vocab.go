package tokenizer

import (
	"fmt"
	"hash/maphash"
	"unsafe"
)

// Limits on vocabularies; the largest that is published has fewer than 1.1 million tokens, the longest token that is
// known a few hundred bytes.
const (
	maxVocabSize  = 1 << 22
	maxTokenBytes = 1 << 11
)

// vocab is a two-way table of tokens and ids. The tokens lie in one arena, and the way from a token to its id is a trie
// where the model has one, so that a vocabulary of a quarter million tokens loads in a few hundredths of a second.
// Where a token or an id comes twice, the last one counts, as in the Rust library.
type vocab struct {
	arena   []byte
	entries []vocabEntry
	text    string // the arena, once it is complete
	trie    *trie
	hash    *vocabHash
	byID    []int32         // entry number by id, -1 if there is none
	byBigID map[int32]int32 // the same for ids far above the number of entries
}

type vocabEntry struct {
	start, end uint32
	id         int32 // noToken for an entry that a later one has replaced
}

func newVocab(sizeHint int) *vocab {
	return &vocab{entries: make([]vocabEntry, 0, sizeHint), arena: make([]byte, 0, sizeHint*8)}
}

// add puts a token in. It is used while loading only; indexing ends that.
func (v *vocab) add(token []byte, id int32) error {
	if len(token) > maxTokenBytes {
		return fmt.Errorf("a token of %d bytes; expected at most %d", len(token), maxTokenBytes)
	}
	if len(v.entries) >= maxVocabSize {
		return fmt.Errorf("a vocabulary of more than %d tokens", maxVocabSize)
	}
	start := uint32(len(v.arena))
	v.arena = append(v.arena, token...)
	v.entries = append(v.entries, vocabEntry{start, uint32(len(v.arena)), id})
	return nil
}

// close ends adding.
func (v *vocab) close() {
	v.text = unsafe.String(unsafe.SliceData(v.arena), len(v.arena))
	v.arena = nil
}

// indexByTrie makes the tokens findable by a trie.
func (v *vocab) indexByTrie() error {
	tokens := make([]trieToken, len(v.entries))
	for i, e := range v.entries {
		tokens[i] = trieToken{text: v.text[e.start:e.end], id: e.id}
	}
	var err error
	if v.trie, err = newTrie(tokens); err != nil {
		return err
	}
	for _, i := range v.trie.replaced {
		v.entries[i].id = noToken
	}
	v.trie.replaced = nil
	v.indexIDs()
	return nil
}

// indexByHash makes the tokens findable by a hash table.
func (v *vocab) indexByHash() {
	v.hash = newVocabHash(v)
	v.indexIDs()
}

// indexIDs builds the way back from ids to tokens.
func (v *vocab) indexIDs() {
	top := int32(-1)
	limit := int32(4*len(v.entries) + 1024)
	for _, e := range v.entries {
		if e.id <= limit {
			top = max(top, e.id)
		}
	}
	v.byID = make([]int32, top+1)
	for i := range v.byID {
		v.byID[i] = -1
	}
	for i, e := range v.entries {
		switch {
		case e.id == noToken:
		case e.id <= top:
			v.byID[e.id] = int32(i)
		default:
			if v.byBigID == nil {
				v.byBigID = map[int32]int32{}
			}
			v.byBigID[e.id] = int32(i)
		}
	}
}

// size is the number of different tokens.
func (v *vocab) size() int {
	if v.trie != nil {
		return v.trie.size
	}
	return v.hash.size
}

// id finds a token.
func (v *vocab) id(token string) (int32, bool) {
	if v.trie != nil {
		id := v.trie.find(token)
		return id, id != noToken
	}
	return v.hash.id(v, token)
}

// token is the token with an id.
func (v *vocab) token(id int32) (string, bool) {
	n := int32(-1)
	if id >= 0 && int(id) < len(v.byID) {
		n = v.byID[id]
	} else if i, ok := v.byBigID[id]; ok {
		n = i
	}
	if n < 0 {
		return "", false
	}
	e := v.entries[n]
	return v.text[e.start:e.end], true
}

// vocabHash finds tokens by open addressing.
type vocabHash struct {
	seed  maphash.Seed
	slots []vocabSlot
	mask  uint32
	size  int
}

type vocabSlot struct {
	tag   uint32 // high bits of the hash
	entry int32  // number of the entry, plus 1; 0 is a free slot
}

func newVocabHash(v *vocab) *vocabHash {
	size := 16
	for size < len(v.entries)+len(v.entries)/2 {
		size *= 2
	}
	h := &vocabHash{seed: maphash.MakeSeed(), slots: make([]vocabSlot, size), mask: uint32(size - 1)}
	for i := range v.entries {
		e := &v.entries[i]
		at, tag := h.find(v, v.text[e.start:e.end])
		if old := h.slots[at].entry; old != 0 {
			v.entries[old-1].id = noToken
		} else {
			h.size++
		}
		h.slots[at] = vocabSlot{tag, int32(i + 1)}
	}
	return h
}

// find is the slot of a token: its own, or a free one.
func (h *vocabHash) find(v *vocab, token string) (at, tag uint32) {
	sum := maphash.String(h.seed, token)
	tag = uint32(sum >> 32)
	for at = uint32(sum) & h.mask; h.slots[at].entry != 0; at = (at + 1) & h.mask {
		if h.slots[at].tag == tag {
			e := &v.entries[h.slots[at].entry-1]
			if v.text[e.start:e.end] == token {
				break
			}
		}
	}
	return at, tag
}

func (h *vocabHash) id(v *vocab, token string) (int32, bool) {
	at, _ := h.find(v, token)
	if h.slots[at].entry == 0 {
		return noToken, false
	}
	return v.entries[h.slots[at].entry-1].id, true
}
