package tokenizer

import (
	"fmt"
	"sync"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// scratch is the working memory of one Encode. It is reused, so that a text costs little more memory than its result.
type scratch struct {
	room    int  // the most bytes that the text may become
	offsets bool // offsets were asked for
	mapped  []unicode.Mapped
	pieces  []piece
	next    []piece
	tokens  []token
	ends    []int32 // for each piece, how many tokens there are up to its end
	cuts    []cut
	viterbi []viterbiNode
	symbols []symbol
	joins   []join
	heap    []queued
	bytes   []byte
	words   *wordCache
}

// maxKeptScratch is how many pieces or tokens a scratch may have room for and still be kept for the next text.
const maxKeptScratch = 1 << 16

// token is what a model returns: the bytes start to end of the piece are the token id.
type token struct {
	id         int32
	start, end int32
	// surface means that the token's text is that part of the piece, not the vocabulary's entry: Unigram reports
	// unknown text as it is.
	surface bool
}

// begin prepares for a text of so many bytes.
func (s *scratch) begin(length int, offsets bool) {
	s.room = 64*length + 1<<20
	s.offsets = offsets
}

// fits reports whether the text may become so many bytes. Normalization makes a text up to 18 times as long (U+FDFA under
// NFKD in UTF-8: 11 times), a hostile tokenizer.json as long as it likes.
func (s *scratch) fits(length int) error {
	if length > s.room {
		return fmt.Errorf("normalizing makes the text %d bytes long; expected at most %d", length, s.room)
	}
	return nil
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (s *scratch) free() {
	if cap(s.pieces)+cap(s.next)+cap(s.tokens)+cap(s.viterbi)+cap(s.symbols)+cap(s.mapped) > maxKeptScratch {
		return
	}
	clear(s.pieces[:cap(s.pieces)]) // they hold on to texts
	clear(s.next[:cap(s.next)])
	scratches.Put(s)
}
