package tokenizer

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// AddedToken is a token that is found in the text as it stands, before the model sees it: the special tokens, and what was
// added to a finished vocabulary.
type AddedToken struct {
	Content    string
	ID         int64
	SingleWord bool // matches only where no word character touches it
	LStrip     bool // takes the white space on its left with it
	RStrip     bool // takes the white space on its right with it
	Normalized bool // is looked for in the normalized text, by its own normalized form
	Special    bool
}

// addedTokens are the added tokens of a tokenizer, ready to be found.
type addedTokens struct {
	byID       map[int32]*AddedToken
	byText     map[string]int32
	order      []int32  // ids, ascending
	raw        *matcher // tokens found in the text as it came
	normalized *matcher // tokens found in the normalized text
}

type addedPattern struct {
	text string
	id   int32
}

// newAddedTokens gives each token its id, which is not the one that the file states: it is that of the model's
// vocabulary, or else the next free one.
func newAddedTokens(tokens []AddedToken, m model, n normalizer) (*addedTokens, error) {
	a := &addedTokens{byID: map[int32]*AddedToken{}, byText: map[string]int32{}}
	next := int32(m.size())
	for _, t := range tokens {
		if t.Content == "" {
			continue
		}
		if len(t.Content) > maxTokenBytes {
			return nil, fmt.Errorf("an added token of %d bytes; expected at most %d", len(t.Content), maxTokenBytes)
		}
		id, ok := a.byText[t.Content]
		if !ok {
			if id, ok = m.vocabulary().id(t.Content); !ok {
				id = next
				next++
			}
		}
		t.ID = int64(id)
		if _, known := a.byID[id]; !known {
			a.order = append(a.order, id)
		}
		a.byID[id] = &t
		a.byText[t.Content] = id
	}
	slices.Sort(a.order)
	return a, a.buildMatchers(n)
}

func (a *addedTokens) buildMatchers(n normalizer) error {
	var raw, normalized []addedPattern
	s := new(scratch)
	for _, id := range a.order {
		t := a.byID[id]
		if !t.Normalized {
			raw = append(raw, addedPattern{t.Content, id})
			continue
		}
		text := t.Content
		if n != nil {
			s.begin(len(text), false)
			p := piece{text: text, orig: span{0, int32(len(text))}, id: noToken}
			if err := n.normalize(s, &p); err != nil {
				return fmt.Errorf("added token %q: %w", t.Content, err)
			}
			text = p.text
		}
		normalized = append(normalized, addedPattern{text, id})
	}
	var err error
	if a.raw, err = newMatcher(raw); err != nil {
		return err
	}
	a.normalized, err = newMatcher(normalized)
	return err
}

// split cuts the added tokens that m finds out of a piece and appends the parts to out.
func (a *addedTokens) split(p *piece, m *matcher, out []piece) []piece {
	if m == nil {
		return appendSlice(out, p, 0, len(p.text))
	}
	done := 0                       // up to here the text is in out
	blank := blankRun{text: p.text} // so that a long run of white space is walked once
	for from := 0; ; {
		found, ok := m.next(p.text, from)
		if !ok {
			break
		}
		from = found.end
		t := a.byID[found.id]
		if t.SingleWord && !standsAlone(p.text, found.start, found.end) {
			continue
		}
		if t.LStrip {
			for found.start > done {
				r, n := utf8.DecodeLastRuneInString(p.text[:found.start])
				if !unicode.IsRegexSpace(r) {
					break
				}
				found.start -= n
			}
			found.start = max(found.start, done)
		}
		if t.RStrip {
			found.end = blank.end(found.end)
		}
		if done < found.start {
			out = appendSlice(out, p, done, found.start)
		}
		if found.start < found.end {
			token := p.slice(found.start, found.end)
			token.id = found.id
			out = append(out, token)
		}
		done = found.end
	}
	return appendSlice(out, p, done, len(p.text))
}

// appendSlice appends bytes start to end of a piece, if there are any.
func appendSlice(out []piece, p *piece, start, end int) []piece {
	switch {
	case start >= end:
		return out
	}
	return append(out, p.slice(start, end))
}

// standsAlone reports whether no word character touches the range from outside.
func standsAlone(text string, start, end int) bool {
	if before, n := utf8.DecodeLastRuneInString(text[:start]); n > 0 && unicode.IsRegexWord(before) {
		return false
	}
	after, n := utf8.DecodeRuneInString(text[end:])
	return n == 0 || !unicode.IsRegexWord(after)
}

// blankRun remembers where the run of white space last seen ends.
type blankRun struct {
	text        string
	start, stop int
}

// end is where the white space that begins at byte from ends.
func (b *blankRun) end(from int) int {
	if from >= b.start && from < b.stop {
		return b.stop
	}
	b.start, b.stop = from, from
	for b.stop < len(b.text) {
		r, n := utf8.DecodeRuneInString(b.text[b.stop:])
		if !unicode.IsRegexSpace(r) {
			break
		}
		b.stop += n
	}
	return b.stop
}
