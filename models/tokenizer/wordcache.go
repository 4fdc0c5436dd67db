package tokenizer

import "hash/maphash"

// wordCache remembers the tokens of short pieces: most words of a text have been there before. It has a fixed size;
// a piece takes the place of the one that was at its hash.
type wordCache struct {
	owner model
	seed  maphash.Seed
	slots []cachedWord
}

const (
	cacheSlots      = 1 << 13
	maxCachedWord   = 30
	maxCachedTokens = 6
)

type cachedWord struct {
	length uint8 // 0: the slot is free
	raw    bool
	count  uint8
	text   [maxCachedWord]byte
	tokens [maxCachedTokens]cachedToken
}

type cachedToken struct {
	id         int32
	start, end uint8
	surface    bool
}

func newWordCache(owner model) *wordCache {
	return &wordCache{owner: owner, seed: maphash.MakeSeed(), slots: make([]cachedWord, cacheSlots)}
}

// wordsOf is the cache of a model. A scratch goes from one tokenizer to another and keeps one cache only.
func (s *scratch) wordsOf(m model) *wordCache {
	if s.words == nil || s.words.owner != m {
		s.words = newWordCache(m)
	}
	return s.words
}

// get appends the tokens of a piece to out, if they are known. The piece has at most maxCachedWord bytes.
func (c *wordCache) get(text string, raw bool, out []token) ([]token, bool) {
	w := &c.slots[maphash.String(c.seed, text)%cacheSlots]
	if int(w.length) != len(text) || w.raw != raw || string(w.text[:w.length]) != text {
		return nil, false
	}
	for _, t := range w.tokens[:w.count] {
		out = append(out, token{id: t.id, start: int32(t.start), end: int32(t.end), surface: t.surface})
	}
	return out, true
}

// put remembers the tokens of a piece, if they are few.
func (c *wordCache) put(text string, raw bool, tokens []token) {
	if len(tokens) > maxCachedTokens || (len(tokens) > 0 && tokens[len(tokens)-1].end > 255) {
		return
	}
	w := &c.slots[maphash.String(c.seed, text)%cacheSlots]
	w.length, w.raw, w.count = uint8(len(text)), raw, uint8(len(tokens))
	copy(w.text[:], text)
	for i, t := range tokens {
		w.tokens[i] = cachedToken{t.id, uint8(t.start), uint8(t.end), t.surface}
	}
}
