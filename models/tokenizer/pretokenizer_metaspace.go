package tokenizer

import (
	"fmt"
	"strings"
	"unsafe"
)

// metaspace writes spaces as a visible character (sentencepiece's U+2581), puts one in front of the text, and splits
// before each.
type metaspace struct {
	replacement string
	prepend     prependScheme
	cut         bool
	// last means that the model comes next: then only the offsets need to know what stands for what.
	last bool
}

// prependScheme is when metaspace puts its character in front.
type prependScheme uint8

const (
	prependAlways prependScheme = iota
	prependFirst                // only to the piece that begins the text
	prependNever
)

func newMetaspace(o object) (preTokenizer, error) {
	r, err := o.char("replacement")
	if err != nil {
		return nil, err
	}
	m := &metaspace{replacement: string(r)}
	if m.cut, err = o.boolOr("split", true); err != nil {
		return nil, err
	}
	scheme, err := o.strOr("prepend_scheme", "always")
	if err != nil {
		return nil, err
	}
	switch scheme {
	case "always":
		m.prepend = prependAlways
	case "first":
		m.prepend = prependFirst
	case "never":
		m.prepend = prependNever
	default:
		return nil, fmt.Errorf("unknown prepend_scheme %.40q; expected always, first or never", scheme)
	}
	space, err := o.boolOr("add_prefix_space", true)
	if err != nil {
		return nil, err
	}
	if !space && m.prepend != prependNever {
		// The Rust library wants the newer field to be there and to agree.
		return nil, fmt.Errorf("add_prefix_space is false, and prepend_scheme is %s", scheme)
	}
	return m, nil
}

func (m *metaspace) split(s *scratch, p *piece, out []piece) ([]piece, error) {
	q := m.replaced(s, p)
	if !m.cut {
		return append(out, q), nil
	}
	start := 0
	for from := 0; ; from = start + len(m.replacement) {
		next := strings.Index(q.text[from:], m.replacement)
		if next < 0 {
			break
		}
		out = appendSlice(out, &q, start, from+next)
		start = from + next
	}
	return appendSlice(out, &q, start, len(q.text)), nil
}

// replaced is the piece with its spaces replaced and the character in front.
func (m *metaspace) replaced(s *scratch, p *piece) piece {
	spaces := strings.Count(p.text, " ")
	front := false
	if m.prepend == prependAlways || (m.prepend == prependFirst && p.orig.start == 0) {
		front = p.text[0] != ' ' && !strings.HasPrefix(p.text, m.replacement)
	}
	if spaces == 0 && !front {
		return *p
	}
	size := len(p.text) + spaces*(len(m.replacement)-1)
	if front {
		size += len(m.replacement)
	}
	text := make([]byte, 0, size)
	if front {
		text = append(text, m.replacement...)
	}
	for i := 0; i < len(p.text); i++ {
		if p.text[i] == ' ' {
			text = append(text, m.replacement...)
		} else {
			text = append(text, p.text[i])
		}
	}
	q := piece{text: unsafe.String(unsafe.SliceData(text), len(text)), orig: p.orig, id: noToken}
	if s.offsets || !m.last {
		q.align = m.aligned(p, front, size)
	}
	return q
}

// aligned are the alignments of what replaced makes: the character stands for the space, and in front for the first
// character of the text.
func (m *metaspace) aligned(p *piece, front bool, size int) []span {
	align := make([]span, 0, size)
	if front {
		for i := 0; i < len(m.replacement); i++ {
			align = append(align, p.alignAt(0))
		}
	}
	for i := 0; i < len(p.text); i++ {
		at := p.alignAt(i)
		align = append(align, at)
		if p.text[i] == ' ' {
			for j := 1; j < len(m.replacement); j++ {
				align = append(align, at)
			}
		}
	}
	return align
}
