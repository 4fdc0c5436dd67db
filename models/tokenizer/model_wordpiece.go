package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// wordPiece is the model of BERT and its kin (Wu et al. 2016, arXiv 1609.08144): of each word the longest head that the
// vocabulary has, then of the rest the longest that it has with the continuing prefix, and so on. A word that cannot
// be cut up so is unknown as a whole, and so is one of more than maxChars characters.
type wordPiece struct {
	vocab    *vocab
	heads    *trie // every token
	tails    *trie // the tokens with the prefix, without it
	unknown  string
	maxChars int
}

func newWordPiece(v *vocab, unknown, prefix string, maxChars int) (*wordPiece, error) {
	w := &wordPiece{vocab: v, heads: v.trie, tails: v.trie, unknown: unknown, maxChars: maxChars}
	if prefix == "" {
		return w, nil
	}
	var tails []trieToken
	for _, e := range v.entries {
		if tail, ok := strings.CutPrefix(v.text[e.start:e.end], prefix); ok && e.id != noToken {
			tails = append(tails, trieToken{text: tail, id: e.id})
		}
	}
	var err error
	w.tails, err = newTrie(tails)
	return w, err
}

func (w *wordPiece) vocabulary() *vocab { return w.vocab }
func (w *wordPiece) size() int          { return w.vocab.size() }

func (w *wordPiece) tokenize(_ *scratch, p *piece, out []token) ([]token, error) {
	before := len(out)
	if len(p.text) > w.maxChars && utf8.RuneCountInString(p.text) > w.maxChars {
		return w.unknownWord(p, out)
	}
	t := w.heads
	for start := 0; start < len(p.text); t = w.tails {
		end, id := t.longest(p.text, start)
		if id == noToken {
			return w.unknownWord(p, out[:before])
		}
		out = append(out, token{id: id, start: int32(start), end: int32(end)})
		start = end
	}
	return out, nil
}

func (w *wordPiece) unknownWord(p *piece, out []token) ([]token, error) {
	id, ok := w.vocab.id(w.unknown)
	if !ok {
		return nil, errNoUnknown("WordPiece", w.unknown)
	}
	return append(out, token{id: id, end: int32(len(p.text))}), nil
}
