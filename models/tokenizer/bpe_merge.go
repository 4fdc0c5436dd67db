package tokenizer

import "math"

// symbol is a token in the making.
type symbol struct {
	id, length int32
	prev, next int32 // neighbours, where the symbols are a chain; -1 at the ends
}

// add puts a symbol at the end.
func (s *scratch) add(id int32, length int) {
	s.symbols = append(s.symbols, symbol{id: id, length: int32(length)})
}

// join is what a symbol and the one after it merge into; the rank is noJoin where they do not.
type join struct{ rank, id int32 }

const noJoin = math.MaxInt32

// fewSymbols is the number of symbols up to which a plain search for the next merge is faster than a heap.
const fewSymbols = 48

// merge applies the merges to s.symbols.
func (b *bpe) merge(s *scratch) {
	if len(s.symbols) <= fewSymbols {
		b.mergeFew(s)
		return
	}
	b.mergeMany(s)
}

func (b *bpe) joinOf(left, right int32) join {
	if rank, id, ok := b.merges.get(left, right); ok {
		return join{rank, id}
	}
	return join{noJoin, 0}
}

// mergeFew searches all pairs for every merge.
func (b *bpe) mergeFew(s *scratch) {
	symbols := s.symbols
	joins := s.joins[:0]
	for i := 1; i < len(symbols); i++ {
		joins = append(joins, b.joinOf(symbols[i-1].id, symbols[i].id))
	}
	s.joins = joins
	for {
		best, rank := -1, int32(noJoin)
		for i := range joins {
			if joins[i].rank < rank {
				best, rank = i, joins[i].rank
			}
		}
		if best < 0 {
			break
		}
		symbols[best].id = joins[best].id
		symbols[best].length += symbols[best+1].length
		symbols = append(symbols[:best+1], symbols[best+2:]...)
		joins = append(joins[:best], joins[best+1:]...)
		if best > 0 {
			joins[best-1] = b.joinOf(symbols[best-1].id, symbols[best].id)
		}
		if best < len(joins) {
			joins[best] = b.joinOf(symbols[best].id, symbols[best+1].id)
		}
	}
	s.symbols = symbols
}

// queued is a merge waiting in the heap: of the symbol at pos and the one after it.
type queued struct {
	rank, pos, id int32
}

func (q queued) before(o queued) bool {
	return q.rank < o.rank || (q.rank == o.rank && q.pos < o.pos)
}

// mergeMany keeps the merges in a heap. An entry is stale if the pair it was made for has changed; then it is dropped
// when its turn comes.
func (b *bpe) mergeMany(s *scratch) {
	symbols := s.symbols
	s.heap = s.heap[:0]
	for i := range symbols {
		symbols[i].prev, symbols[i].next = int32(i)-1, int32(i)+1
	}
	symbols[len(symbols)-1].next = -1
	for i := 1; i < len(symbols); i++ {
		b.queue(s, int32(i)-1)
	}
	for len(s.heap) > 0 {
		top := s.popHeap()
		left := &symbols[top.pos]
		if left.length == 0 || left.next < 0 {
			continue
		}
		right := &symbols[left.next]
		if now := b.joinOf(left.id, right.id); now.rank == noJoin || now.id != top.id {
			continue
		}
		left.id = top.id
		left.length += right.length
		left.next = right.next
		right.length = 0
		if left.next >= 0 {
			symbols[left.next].prev = top.pos
			b.queue(s, top.pos)
		}
		if left.prev >= 0 {
			b.queue(s, left.prev)
		}
	}
	kept := symbols[:0]
	for _, each := range symbols {
		if each.length > 0 {
			kept = append(kept, each)
		}
	}
	s.symbols = kept
}

// queue puts the merge of the symbol at pos and the one after it into the heap, if they merge.
func (b *bpe) queue(s *scratch, pos int32) {
	left := s.symbols[pos]
	j := b.joinOf(left.id, s.symbols[left.next].id)
	if j.rank == noJoin {
		return
	}
	q := queued{j.rank, pos, j.id}
	h := append(s.heap, q)
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 4
		if !q.before(h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = q
	s.heap = h
}

// popHeap takes the first merge out of the heap, which has four branches a node.
func (s *scratch) popHeap() queued {
	h := s.heap
	top, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	s.heap = h
	for i := 0; ; {
		least := -1
		for c := 4*i + 1; c < len(h) && c <= 4*i+4; c++ {
			if least < 0 || h[c].before(h[least]) {
				least = c
			}
		}
		if least < 0 || !h[least].before(last) {
			if len(h) > 0 {
				h[i] = last
			}
			return top
		}
		h[i] = h[least]
		i = least
	}
}
