package tokenizer

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// unigram is sentencepiece's unigram language model (Kudo 2018, arXiv 1804.10959): of all ways to cut a piece into
// tokens the one with the highest sum of scores.
type unigram struct {
	vocab        *vocab
	scores       []float64 // by id
	trie         *trie
	unknown      int32 // noToken if the file has none
	unknownScore float64
	bytes        *[256]int32 // the tokens <0x00> to <0xFF>, noToken if missing; nil without byte fallback
}

// unknownPenalty is how far below the lowest score an unknown character scores.
const unknownPenalty = 10

func (m *modelFile) buildUnigram() (model, error) {
	u := &unigram{vocab: m.vocab, scores: m.scores, unknown: noToken}
	if m.fields["unk_id"] != nil {
		id, err := m.fields.integer("unk_id", math.MaxInt32)
		if err != nil {
			return nil, err
		}
		if id >= len(m.scores) {
			return nil, fmt.Errorf("the unknown token has the id %d, the vocabulary has %d tokens", id, len(m.scores))
		}
		u.unknown = int32(id)
	}
	if err := m.vocab.indexByTrie(); err != nil {
		return nil, err
	}
	u.trie = m.vocab.trie
	fallback, err := m.fields.boolOr("byte_fallback", false)
	if err != nil {
		return nil, err
	}
	if fallback {
		u.bytes = byteTokens(m.vocab)
	}
	lowest := math.Inf(1)
	for _, score := range m.scores {
		lowest = min(lowest, score)
	}
	u.unknownScore = lowest - unknownPenalty
	return u, nil
}

// byteTokens finds the tokens of single bytes, as sentencepiece spells them.
func byteTokens(v *vocab) *[256]int32 {
	var ids [256]int32
	for b := range ids {
		ids[b] = noToken
		if id, ok := v.id(fmt.Sprintf("<0x%02X>", b)); ok {
			ids[b] = id
		}
	}
	return &ids
}

func (u *unigram) vocabulary() *vocab { return u.vocab }
func (u *unigram) size() int          { return len(u.scores) }

// viterbiNode is the best way to the byte it stands for.
type viterbiNode struct {
	score float64
	start int32 // where its last token begins, -1 if there is no way
	id    int32
}

func (u *unigram) tokenize(s *scratch, p *piece, out []token) ([]token, error) {
	if len(p.text) > maxCachedWord {
		return u.best(s, p, out)
	}
	if found, ok := s.wordsOf(u).get(p.text, false, out); ok {
		return found, nil
	}
	first := len(out)
	out, err := u.best(s, p, out)
	if err == nil {
		s.words.put(p.text, false, out[first:])
	}
	return out, err
}

// best appends the tokens of the best way to cut the piece.
func (u *unigram) best(s *scratch, p *piece, out []token) ([]token, error) {
	if err := u.search(s, p.text); err != nil {
		return nil, err
	}
	// The best way is read from its end; unknown characters that follow each other are one token.
	first := len(out)
	for end := int32(len(p.text)); end > 0; {
		n := &s.viterbi[end]
		last := len(out) - 1
		if n.id == u.unknown && last >= first && out[last].surface && out[last].start == end {
			out[last].start = n.start
		} else {
			out = append(out, token{id: n.id, start: n.start, end: end, surface: n.id == u.unknown})
		}
		end = n.start
	}
	for i, j := first, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	for i := first; i < len(out); i++ {
		if out[i].surface {
			return u.resolve(s, p.text, out, i)
		}
	}
	return out, nil
}

// search fills s.viterbi: for each end of a token the best way there.
func (u *unigram) search(s *scratch, text string) error {
	nodes := s.viterbi
	if cap(nodes) <= len(text) {
		nodes = make([]viterbiNode, len(text)+1)
		s.viterbi = nodes
	}
	nodes = nodes[:len(text)+1]
	s.viterbi = nodes
	for i := range nodes {
		nodes[i].start = -1
	}
	nodes[0].score = 0
	for start := 0; start < len(text); {
		here := nodes[start].score
		_, size := utf8.DecodeRuneInString(text[start:])
		single := false
		node, at := uint32(0), start
		for at < len(text) {
			r, n := rune(text[at]), 1
			if r >= utf8.RuneSelf {
				r, n = utf8.DecodeRuneInString(text[at:])
			}
			var id int32
			if node, id = u.trie.step(node, r); node == 0 {
				break
			}
			at += n
			if id == noToken {
				continue
			}
			to := &nodes[at]
			if score := u.scores[id] + here; to.start < 0 || score > to.score {
				*to = viterbiNode{score, int32(start), id}
			}
			single = single || at-start == size
		}
		if !single {
			to := &nodes[start+size]
			if score := u.unknownScore + here; to.start < 0 || score > to.score {
				if u.unknown == noToken {
					return errNoUnknown("Unigram", "unk_id")
				}
				*to = viterbiNode{score, int32(start), u.unknown}
			}
		}
		start += size
	}
	return nil
}

// resolve sets the ids of the unknown tokens of out, from i on: that of a token with the same text, or of their
// bytes, or the unknown one's.
func (u *unigram) resolve(s *scratch, text string, out []token, i int) ([]token, error) {
	rest := append([]token(nil), out[i:]...)
	out = out[:i]
	for _, t := range rest {
		if !t.surface {
			out = append(out, t)
			continue
		}
		word := text[t.start:t.end]
		if id, ok := u.vocab.id(word); ok {
			t.id = id
			out = append(out, t)
			continue
		}
		if u.bytes != nil && allBytes(u.bytes, word) {
			for i := 0; i < len(word); i++ {
				out = append(out, token{id: u.bytes[word[i]], start: t.start, end: t.end})
			}
			continue
		}
		out = append(out, t)
	}
	return out, nil
}

func allBytes(ids *[256]int32, s string) bool {
	for i := 0; i < len(s); i++ {
		if ids[s[i]] == noToken {
			return false
		}
	}
	return true
}
