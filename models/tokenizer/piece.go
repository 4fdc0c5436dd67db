package tokenizer

import (
	"unicode/utf8"
	"unsafe"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// span is a range of bytes of the original text.
type span struct{ start, end int32 }

// piece is a part of the text on its way from the normalizers to the model: what it has become, and for each byte of
// that the part of the original text it stands for.
//
// The offsets that the Rust library reports, and in corner cases the ids, rest on how its NormalizedString keeps these
// alignments, so its rules are followed to the letter (see transform).
type piece struct {
	text string
	// align has an element for each byte of text. It is nil as long as text is the original's own bytes, or replaces
	// each character by one of the same length: then a byte stands for the character it is part of.
	align []span
	// orig is the part of the original text that the piece as a whole stands for. With align nil it is where text lies.
	orig span
	// id is the added token that the piece is, or noToken.
	id int32
	// raw means that each byte of text stands for its byte-level character, as the ByteLevel pre-tokenizer would
	// have it; the BPE model looks bytes up directly.
	raw bool
}

const noToken = -1

// alignAt is the part of the original text that byte i of the text stands for.
func (p *piece) alignAt(i int) span {
	if p.align != nil {
		return p.align[i]
	}
	start := i
	for start > 0 && !utf8.RuneStart(p.text[start]) {
		start--
	}
	return span{p.orig.start + int32(start), p.orig.start + int32(start+runeLen(p.text[start]))}
}

// runeLen is the length of a valid UTF-8 sequence, by its first byte.
func runeLen(first byte) int {
	switch {
	case first < 0x80:
		return 1
	case first < 0xE0:
		return 2
	case first < 0xF0:
		return 3
	}
	return 4
}

// slice is bytes start to end of the text, which are not empty and lie between characters.
func (p *piece) slice(start, end int) piece {
	s := piece{text: p.text[start:end], id: noToken}
	if p.align == nil {
		s.orig = span{p.orig.start + int32(start), p.orig.start + int32(end)}
		return s
	}
	s.align = p.align[start:end]
	s.orig = span{s.align[0].start, s.align[len(s.align)-1].end}
	return s
}

// original is the part of the original text that bytes start to end of the text stand for. A range that is empty or
// reaches beyond the text has no alignment; it comes back as the Rust library returns it.
func (p *piece) original(start, end int) span {
	switch {
	case start == end:
		return span{p.orig.start + int32(start), p.orig.start + int32(end)}
	case end > len(p.text):
		return span{int32(start), int32(end)}
	}
	return span{p.alignAt(start).start, p.alignAt(end - 1).end}
}

// materialize writes align down where it is nil.
func (p *piece) materialize() {
	if p.align != nil {
		return
	}
	p.align = make([]span, len(p.text))
	at := p.orig.start
	for i := 0; i < len(p.text); {
		n := runeLen(p.text[i])
		s := span{at, at + int32(n)}
		for range n {
			p.align[i] = s
			i++
		}
		at += int32(n)
	}
}

// extent is the range of the text that a transformation of the whole piece replaces: the bytes that stand for any of
// the original text. It is all of it, but where the text begins with characters that stand for nothing: those stay
// in front. ok is false if nothing can be replaced.
func (p *piece) extent() (start, end int, ok bool) {
	if p.align == nil || p.orig.start == p.orig.end {
		if p.orig.start == p.orig.end {
			return 0, 0, true
		}
		return 0, len(p.text), true
	}
	start, end = -1, -1
	for i, a := range p.align {
		if a.end > p.orig.end {
			break
		}
		if start < 0 && a.start >= p.orig.start && a.start != a.end {
			start = i
			// Alignments never go back, so the rest ends where the piece does.
			end = len(p.align)
			break
		}
		end = i + 1
	}
	switch {
	case start < 0 && end < 0:
		return 0, 0, false
	case start < 0:
		return end, end, true
	case end < 0:
		return start, start, true
	}
	return start, end, true
}

// odd reports whether the text begins with a character that stands for nothing. Then even a transformation that changes
// nothing has an effect: see extent.
func (p *piece) odd() bool {
	return len(p.align) > 0 && p.align[0].start == p.align[0].end
}

// transform replaces the whole text by the characters of dest. Each says by its Change what it stands for: 0 the next
// character of the old text, -n the next one and n more that go, 1 (or more) nothing new: it shares the alignment of
// the one before. The first skip characters of the old text go.
func (p *piece) transform(dest []unicode.Mapped, skip int) {
	start, end, ok := p.extent()
	if !ok {
		return
	}
	p.transformRange(start, end, dest, skip)
}

// transformRange is transform for bytes start to end of the text.
func (p *piece) transformRange(start, end int, dest []unicode.Mapped, skip int) {
	size := 0
	same := p.align == nil && skip == 0 && start == 0 && end == len(p.text)
	at := start
	for _, d := range dest {
		n := utf8.RuneLen(d.Rune)
		size += n
		same = same && d.Change == 0 && at < end && runeLen(p.text[at]) == n
		at += n
	}
	text := make([]byte, 0, start+size+len(p.text)-end)
	text = append(text, p.text[:start]...)
	if same && at == end {
		for _, d := range dest {
			text = utf8.AppendRune(text, d.Rune)
		}
		p.text = unsafe.String(unsafe.SliceData(text), len(text))
		return
	}
	p.materialize()
	align := make([]span, 0, cap(text))
	align = append(align, p.align[:start]...)
	offset := start
	for ; skip > 0 && offset < end; skip-- {
		offset += runeLen(p.text[offset])
	}
	for _, d := range dest {
		var a span
		switch {
		case d.Change <= 0 && offset < len(p.align):
			a = p.align[offset]
		case d.Change > 0 && offset > 0:
			a = p.align[offset-1]
		case d.Change <= 0 && offset > 0: // more characters than there were: the Rust library would panic
			a = p.align[offset-1]
		default:
			a = span{p.orig.start, p.orig.start}
		}
		for n := d.Change; n <= 0 && offset < end; n++ {
			offset += runeLen(p.text[offset])
		}
		text = utf8.AppendRune(text, d.Rune)
		for range utf8.RuneLen(d.Rune) {
			align = append(align, a)
		}
	}
	text = append(text, p.text[end:]...)
	p.align = append(align, p.align[end:]...)
	p.text = unsafe.String(unsafe.SliceData(text), len(text))
}
