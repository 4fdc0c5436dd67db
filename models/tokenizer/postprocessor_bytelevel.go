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

func (b byteLevelProcessing) process(runs []tokenRun, _ bool) ([]tokenRun, error) {
	if b.trim {
		for _, r := range runs {
			r.trimOffsets(b.spaceAdded)
		}
	}
	return runs, nil
}

// trimOffsets moves the offsets past the white space that tokens begin and end with; spaceAdded means that a first
// space is not the text's own.
func (r tokenRun) trimOffsets(spaceAdded bool) {
	first := true
	for i := range r {
		p := &r[i]
		for j := range p.offsets {
			trimOffset(p.tokens[j], &p.offsets[j], first && j == 0, spaceAdded)
		}
		first = first && len(p.ids) == 0
	}
}

func trimOffset(token string, at *[2]int, first, spaceAdded bool) {
	leading, trailing := 0, 0
	for _, r := range token {
		if !isByteLevelSpace(r) {
			break
		}
		leading++
	}
	for end := len(token); end > 0; trailing++ {
		r, n := utf8.DecodeLastRuneInString(token[:end])
		if !isByteLevelSpace(r) {
			break
		}
		end -= n
	}
	if leading > 0 {
		if (first || at[0] == 0) && spaceAdded && leading == 1 {
			leading = 0
		}
		at[0] = min(at[0]+leading, at[1])
	}
	if trailing > 0 && at[1] >= trailing {
		at[1] = max(at[1]-trailing, at[0])
	}
}

func isByteLevelSpace(r rune) bool { return r == spaceRune || unicode.IsWhitespace(r) }

// trims reports whether the post-processor needs the tokens' texts to set offsets.
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
