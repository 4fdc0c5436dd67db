package tokenizer

import (
	"fmt"
	"unsafe"
)

// bpe is byte pair encoding (Sennrich et al. 2016, arXiv 1508.07909): a piece begins as its characters, and of all
// neighbours that merge those go first whose merge was learned first, the leftmost first.
//
// Dropout, which some files state, is for training: Encode merges always.
type bpe struct {
	vocab        *vocab
	merges       *mergeTable
	prefix       string // of every token but the first of a piece
	suffix       string // of the last token of a piece
	unknown      string
	hasUnknown   bool
	unknownID    int32 // noToken if the vocabulary lacks it
	fuseUnknown  bool
	ignoreMerges bool        // a piece that is a token as it stands is that token
	fallback     *[256]int32 // the tokens <0x00> to <0xFF>; nil without byte fallback
	// bytes are the tokens of single bytes in byte-level spelling, for pieces that are raw; noToken if missing.
	bytes [4][256]int32 // by place
}

func (m *modelFile) buildBPE() (model, error) {
	b := &bpe{vocab: m.vocab, unknownID: noToken}
	if !m.pairs {
		return nil, fmt.Errorf(`expected "merges", found none`)
	}
	m.vocab.indexByHash()
	var err error
	if b.prefix, err = m.fields.strOr("continuing_subword_prefix", ""); err != nil {
		return nil, err
	}
	if b.suffix, err = m.fields.strOr("end_of_word_suffix", ""); err != nil {
		return nil, err
	}
	if m.fields["unk_token"] != nil {
		if b.unknown, err = m.fields.str("unk_token"); err != nil {
			return nil, err
		}
		b.hasUnknown = true
		if id, ok := m.vocab.id(b.unknown); ok {
			b.unknownID = id
		}
	}
	if b.fuseUnknown, err = m.fields.boolOr("fuse_unk", false); err != nil {
		return nil, err
	}
	if b.ignoreMerges, err = m.fields.boolOr("ignore_merges", false); err != nil {
		return nil, err
	}
	fallback, err := m.fields.boolOr("byte_fallback", false)
	if err != nil {
		return nil, err
	}
	if fallback {
		b.fallback = byteTokens(m.vocab)
	}
	for i := range b.bytes {
		for c := range b.bytes[i] {
			b.bytes[i][c] = noToken
			if id, ok := m.vocab.id(b.spelled(string(byteRune[c]), i&1 != 0, i&2 != 0)); ok {
				b.bytes[i][c] = id
			}
		}
	}
	b.merges, err = m.newMerges(b.prefix)
	return b, err
}

// spelled is how the vocabulary spells a character in its place.
func (b *bpe) spelled(char string, notFirst, last bool) string {
	if notFirst {
		char = b.prefix + char
	}
	if last {
		char += b.suffix
	}
	return char
}

func (b *bpe) vocabulary() *vocab { return b.vocab }
func (b *bpe) size() int          { return b.vocab.size() }

func (b *bpe) tokenize(s *scratch, p *piece, out []token) ([]token, error) {
	if b.ignoreMerges {
		if id, ok := b.whole(s, p); ok {
			return append(out, token{id: id, end: int32(len(p.text))}), nil
		}
	}
	cached := len(p.text) <= maxCachedWord
	if cached {
		if found, ok := s.wordsOf(b).get(p.text, p.raw, out); ok {
			return found, nil
		}
	}
	if p.raw {
		b.rawSymbols(s, p.text)
	} else if err := b.symbols(s, p.text); err != nil {
		return nil, err
	}
	b.merge(s)
	first := len(out)
	at := int32(0)
	for _, each := range s.symbols {
		out = append(out, token{id: each.id, start: at, end: at + each.length})
		at += each.length
	}
	if cached {
		s.words.put(p.text, p.raw, out[first:])
	}
	return out, nil
}

// whole looks the piece up as it stands.
func (b *bpe) whole(s *scratch, p *piece) (int32, bool) {
	if !p.raw {
		return b.vocab.id(p.text)
	}
	s.bytes = appendByteLevel(s.bytes[:0], p.text)
	return b.vocab.id(unsafe.String(unsafe.SliceData(s.bytes), len(s.bytes)))
}

// symbols cuts a piece into its characters. A character that is no token becomes its bytes, or else the unknown token.
func (b *bpe) symbols(s *scratch, text string) error {
	s.symbols = s.symbols[:0]
	pending := 0 // bytes of unknown characters that are not added yet
	for i := 0; i < len(text); {
		n := runeLen(text[i])
		char := text[i : i+n]
		if (i > 0 && b.prefix != "") || (i+n == len(text) && b.suffix != "") {
			char = b.spelled(char, i > 0, i+n == len(text))
		}
		id, known := b.vocab.id(char)
		switch {
		case known:
			if pending > 0 {
				s.add(b.unknownID, pending)
				pending = 0
			}
			s.add(id, n)
		case b.fallback != nil && allBytes(b.fallback, char):
			// Unknown characters before it are added after it, as in the Rust library.
			for j := 0; j < len(char); j++ {
				s.add(b.fallback[char[j]], 1)
			}
		case b.hasUnknown:
			if b.unknownID == noToken {
				return errNoUnknown("BPE", b.unknown)
			}
			if pending > 0 && !b.fuseUnknown {
				s.add(b.unknownID, pending)
				pending = 0
			}
			pending += n
		}
		i += n
	}
	if pending > 0 {
		s.add(b.unknownID, pending)
	}
	return nil
}

// rawSymbols is symbols for a piece whose bytes stand for their byte-level characters; all of them are tokens.
func (b *bpe) rawSymbols(s *scratch, text string) {
	s.symbols = s.symbols[:0]
	for i := 0; i < len(text); i++ {
		s.add(b.bytes[place(i > 0, i == len(text)-1)][text[i]], 1)
	}
}

// place numbers where in a piece a character can be.
func place(notFirst, last bool) int {
	n := 0
	if notFirst {
		n = 1
	}
	if last {
		n |= 2
	}
	return n
}

// takesRaw reports whether the vocabulary has every byte that UTF-8 can have, in every position. Then pieces may be left as
// they are where the ByteLevel pre-tokenizer would write each byte as a character.
func (b *bpe) takesRaw() bool {
	for i := range b.bytes {
		for c, id := range b.bytes[i] {
			if id == noToken && c != 0xC0 && c != 0xC1 && c < 0xF5 {
				return false
			}
		}
	}
	return true
}
