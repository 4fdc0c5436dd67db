package tokenizer

import (
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// byteLevelProcessing leaves the white space of byte-level tokens out of their offsets.
type byteLevelProcessing struct{ trim, spaceAdded bool }

func newByteLevelProcessing(o object) (postProcessor, error) {
	var b byteLevelProcessing
	var err error
	if b.trim, err = o.bool("trim_offsets"); err != nil {
		return nil, err
	}
	b.spaceAdded, err = o.bool("add_prefix_space")
	return b, err
}

func (byteLevelProcessing) added(bool) int { return 0 }

func (b byteLevelProcessing) process(parts []*Encoding, _ bool) ([]*Encoding, error) {
	if b.trim {
		for _, p := range parts {
			p.trimOffsets(b.spaceAdded)
		}
	}
	return parts, nil
}

// trimOffsets moves the offsets past the white space that tokens begin and end with; spaceAdded says that a first
// space is not the text's own.
func (e *Encoding) trimOffsets(spaceAdded bool) {
	if e.Offsets == nil {
		return
	}
	isSpace := func(r rune) bool { return r == spaceRune || unicode.IsWhitespace(r) }
	for i, token := range e.Tokens {
		leading, trailing := 0, 0
		for _, r := range token {
			if !isSpace(r) {
				break
			}
			leading++
		}
		for end := len(token); end > 0; trailing++ {
			r, n := utf8.DecodeLastRuneInString(token[:end])
			if !isSpace(r) {
				break
			}
			end -= n
		}
		at := &e.Offsets[i]
		if leading > 0 {
			if (i == 0 || at[0] == 0) && spaceAdded && leading == 1 {
				leading = 0
			}
			at[0] = min(at[0]+leading, at[1])
		}
		if trailing > 0 && at[1] >= trailing {
			at[1] = max(at[1]-trailing, at[0])
		}
	}
}

// trims says whether the post-processor needs the tokens' texts to set offsets.
func (t *Tokenizer) trims() bool {
	return trims(t.postProcessor)
}

func trims(p postProcessor) bool {
	switch p := p.(type) {
	case byteLevelProcessing:
		return p.trim
	case *bertProcessing:
		return p.trim
	case postProcessorSequence:
		for _, each := range p {
			if trims(each) {
				return true
			}
		}
	}
	return false
}
