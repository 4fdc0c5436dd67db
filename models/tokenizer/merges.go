package tokenizer

import (
	"fmt"
	"hash/maphash"
	"math/bits"
	"unsafe"
)

// mergeTable says of a pair of tokens whether it merges, into what, and how early.
type mergeTable struct {
	slots  []mergeSlot
	shift  uint8
	factor uint64
}

type mergeSlot struct {
	pair uint64 // left<<32 | right, plus 1; 0 is a free slot
	rank int32
	id   int32
}

func newMergeTable(n int) *mergeTable {
	log := bits.Len(uint(max(16, n*2)))
	return &mergeTable{
		slots: make([]mergeSlot, 1<<log), shift: uint8(64 - log),
		factor: maphash.Comparable(maphash.MakeSeed(), 0) | 1,
	}
}

func (t *mergeTable) slot(left, right int32) *mergeSlot {
	pair := (uint64(uint32(left))<<32 | uint64(uint32(right))) + 1
	mask := uint64(len(t.slots) - 1)
	at := (pair ^ pair>>31) * t.factor >> t.shift
	for t.slots[at&mask].pair != 0 && t.slots[at&mask].pair != pair {
		at++
	}
	return &t.slots[at&mask]
}

// put adds a merge; a later one of the same pair replaces an earlier one.
func (t *mergeTable) put(left, right, rank, id int32) {
	*t.slot(left, right) = mergeSlot{(uint64(uint32(left))<<32 | uint64(uint32(right))) + 1, rank, id}
}

// get finds the merge of a pair; ok is false if it does not merge.
func (t *mergeTable) get(left, right int32) (rank, id int32, ok bool) {
	s := t.slot(left, right)
	return s.rank, s.id, s.pair != 0
}

// newMerges builds the table of a file's merges. The merged token is the left one and the right one without the
// continuing prefix.
func (m *modelFile) newMerges(prefix string) (*mergeTable, error) {
	t := newMergeTable(len(m.merges))
	var joined []byte
	find := func(token []byte) (int32, bool) {
		return m.vocab.id(unsafe.String(unsafe.SliceData(token), len(token)))
	}
	for rank, merge := range m.merges {
		left, right := m.texts[merge.start:merge.mid], m.texts[merge.mid:merge.end]
		if len(right) < len(prefix) {
			return nil, fmt.Errorf("merge %d: %.40q is shorter than the prefix %.40q", rank+1, right, prefix)
		}
		joined = append(append(joined[:0], left...), right[len(prefix):]...)
		leftID, ok := find(left)
		if !ok {
			return nil, outOfVocabulary(rank, left)
		}
		rightID, ok := find(right)
		if !ok {
			return nil, outOfVocabulary(rank, right)
		}
		id, ok := find(joined)
		if !ok {
			return nil, outOfVocabulary(rank, joined)
		}
		t.put(leftID, rightID, int32(rank), id)
	}
	return t, nil
}

func outOfVocabulary(rank int, token []byte) error {
	return fmt.Errorf("merge %d: the token %.60q is not in the vocabulary", rank+1, token)
}
