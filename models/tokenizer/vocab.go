package tokenizer

import (
	"fmt"
	"hash/maphash"
)

// Limits on vocabularies; the largest that is published has fewer than 1.1 million tokens, the longest token that is
// known a few hundred bytes.
const (
	maxVocabSize  = 1 << 22
	maxTokenBytes = 1 << 14
)

// vocab is a two-way table of tokens and ids. It replaces a Go map for speed of loading: the tokens lie in one arena.
// Where a token or an id comes twice, the last one counts, as in the Rust library.
type vocab struct {
	seed    maphash.Seed
	arena   []byte
	entries []vocabEntry
	slots   []vocabSlot // open addressing; entry 0 is a free slot, so entries are numbered from 1
	mask    uint32
	byID    []int32         // entry number by id, 0 where there is none
	byBigID map[int32]int32 // the same for ids far above the number of entries
	text    string          // the arena, once it is complete
}

type vocabEntry struct {
	start, end uint32
	id         int32
}

type vocabSlot struct {
	tag   uint32 // high bits of the hash
	entry int32
}

func newVocab(sizeHint int) *vocab {
	v := &vocab{seed: maphash.MakeSeed()}
	v.entries = make([]vocabEntry, 1, sizeHint+1)
	v.arena = make([]byte, 0, sizeHint*8)
	v.grow(sizeHint)
	return v
}

// grow makes room in the hash table for n entries.
func (v *vocab) grow(n int) {
	size := 16
	for size < n+n/2 {
		size *= 2
	}
	if size <= len(v.slots) {
		return
	}
	v.slots = make([]vocabSlot, size)
	v.mask = uint32(size - 1)
	for i := range v.entries[1:] {
		e := v.entries[i+1]
		h := maphash.Bytes(v.seed, v.arena[e.start:e.end])
		at := uint32(h) & v.mask
		for v.slots[at].entry != 0 {
			at = (at + 1) & v.mask
		}
		v.slots[at] = vocabSlot{uint32(h >> 32), int32(i + 1)}
	}
}

// add puts a token in. It is used while loading only; freeze ends that.
func (v *vocab) add(token []byte, id int32) error {
	if len(token) > maxTokenBytes {
		return fmt.Errorf("a token of %d bytes; expected at most %d", len(token), maxTokenBytes)
	}
	if len(v.entries) > maxVocabSize {
		return fmt.Errorf("a vocabulary of more than %d tokens", maxVocabSize)
	}
	if (len(v.entries)+1)*4 > len(v.slots)*3 {
		v.grow(len(v.slots) * 2)
	}
	h := maphash.Bytes(v.seed, token)
	tag := uint32(h >> 32)
	at := uint32(h) & v.mask
	for v.slots[at].entry != 0 {
		if v.slots[at].tag == tag {
			e := &v.entries[v.slots[at].entry]
			if string(v.arena[e.start:e.end]) == string(token) {
				e.id = id
				return nil
			}
		}
		at = (at + 1) & v.mask
	}
	start := uint32(len(v.arena))
	v.arena = append(v.arena, token...)
	v.entries = append(v.entries, vocabEntry{start, uint32(len(v.arena)), id})
	v.slots[at] = vocabSlot{tag, int32(len(v.entries) - 1)}
	return nil
}

// freeze builds the way back from ids to tokens.
func (v *vocab) freeze() {
	v.text = string(v.arena)
	v.arena = nil
	top := int32(-1)
	limit := int32(4*len(v.entries) + 1024)
	for _, e := range v.entries[1:] {
		if e.id <= limit {
			top = max(top, e.id)
		}
	}
	v.byID = make([]int32, top+1)
	for i := range v.entries[1:] {
		n := int32(i + 1)
		id := v.entries[n].id
		if id <= top {
			v.byID[id] = n
			continue
		}
		if v.byBigID == nil {
			v.byBigID = map[int32]int32{}
		}
		v.byBigID[id] = n
	}
}

// size is the number of distinct tokens.
func (v *vocab) size() int { return len(v.entries) - 1 }

// id finds a token.
func (v *vocab) id(token string) (int32, bool) {
	h := maphash.String(v.seed, token)
	tag := uint32(h >> 32)
	at := uint32(h) & v.mask
	for v.slots[at].entry != 0 {
		if v.slots[at].tag == tag {
			e := &v.entries[v.slots[at].entry]
			if v.text[e.start:e.end] == token {
				return e.id, true
			}
		}
		at = (at + 1) & v.mask
	}
	return 0, false
}

// idBytes is id for a token that is still in a buffer.
func (v *vocab) idBytes(token []byte) (int32, bool) {
	h := maphash.Bytes(v.seed, token)
	tag := uint32(h >> 32)
	at := uint32(h) & v.mask
	for v.slots[at].entry != 0 {
		if v.slots[at].tag == tag {
			e := &v.entries[v.slots[at].entry]
			if v.text[e.start:e.end] == string(token) {
				return e.id, true
			}
		}
		at = (at + 1) & v.mask
	}
	return 0, false
}

// token is the token with an id.
func (v *vocab) token(id int32) (string, bool) {
	n := int32(0)
	if id >= 0 && int(id) < len(v.byID) {
		n = v.byID[id]
	} else {
		n = v.byBigID[id]
	}
	if n == 0 {
		return "", false
	}
	e := v.entries[n]
	return v.text[e.start:e.end], true
}

// each calls f with every token, in the order of the file.
func (v *vocab) each(f func(token string, id int32)) {
	for _, e := range v.entries[1:] {
		f(v.text[e.start:e.end], e.id)
	}
}
