package tokenizer

import (
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// regex is a compiled pattern. It is matched by backtracking, alternatives in the order of the pattern, as Oniguruma
// does; the number of steps is bounded, so that no pattern can hang.
type regex struct {
	code  []instruction
	slots int
	first *charset // what a match can begin with; nil if that is not known
}

// maxSteps is how many steps the matches in a text of so many bytes may take together.
func maxSteps(length int) int { return 10_000_000 + 400*length }

// regexRun is the state of the machine while it runs on a text.
type regexRun struct {
	*regex
	text  string
	start int // where the search began: \G
	slots []int
	stack []choicePoint
	steps int
	limit int
}

// choicePoint is where to go on if the current way fails: at pc and pos; or, with one character less of
// a run that may go down to least; or, with pc negative, after setting slot -pc-1 back to pos.
type choicePoint struct {
	pc, pos int32
	least   int32 // noRun where it is none
}

const noRun = -1

// maxChoices is how many choice points there may be: 48 MB of them.
const maxChoices = 1 << 22

// cuts finds all matches, none overlapping, as the iterator of the crate onig does: after an empty one the search goes
// on after it, and no empty match may follow a match directly.
func (r *regex) cuts(s *scratch, text string) ([]cut, error) {
	m := &regexRun{regex: r, text: text, slots: make([]int, r.slots), limit: maxSteps(len(text))}
	s.cuts = s.cuts[:0]
	between, last := 0, -1
	for at := 0; at <= len(text) && text != ""; {
		start, end, ok := m.search(at)
		if m.steps > m.limit {
			return nil, errTooManySteps(len(text))
		}
		if !ok {
			break
		}
		if start == end && end == last {
			// Not at the same place again; and not where this match was found, but where the search stood.
			if at == len(text) {
				break
			}
			at += runeLen(text[at])
			continue
		}
		at, last = end, end
		if between < start {
			s.cuts = append(s.cuts, cut{between, start, false})
		}
		s.cuts = append(s.cuts, cut{start, end, true})
		between = end
	}
	if between < len(text) {
		s.cuts = append(s.cuts, cut{between, len(text), false})
	}
	return s.cuts, nil
}

// search finds the first match at or after byte from.
func (m *regexRun) search(from int) (start, end int, ok bool) {
	m.start = from
	for at := from; at <= len(m.text); {
		if m.first != nil {
			for at < len(m.text) {
				r, n := utf8.DecodeRuneInString(m.text[at:])
				if m.first.has(r) {
					break
				}
				at += n
			}
			if at == len(m.text) {
				return 0, 0, false
			}
		}
		for i := range m.slots {
			m.slots[i] = -1
		}
		m.slots[0] = at
		m.stack = m.stack[:0]
		if end, ok := m.run(0, at); ok {
			return min(m.slots[0], end), end, true
		}
		if m.steps > m.limit || at == len(m.text) {
			return 0, 0, false
		}
		at += runeLen(m.text[at])
	}
	return 0, 0, false
}

// run matches the program from pc on at pos, up to its opEnd. What it put on the stack is gone then, but for the old
// values of slots where it matched.
func (m *regexRun) run(pc, pos int) (end int, ok bool) {
	base := len(m.stack)
	for {
		if m.steps++; m.steps > m.limit {
			return 0, false
		}
		i := &m.code[pc]
		ok := true
		switch i.op {
		case opEnd:
			m.settle(base)
			return pos, true
		case opSet:
			if pos, ok = m.char(i.set, pos); ok {
				pc++
			}
		case opRun:
			if pos, ok = m.runOf(i, pc, pos); ok {
				pc++
			}
		case opSplit:
			m.push(i.y, pos, noRun)
			pc = i.x
		case opJump:
			pc = i.x
		case opSave:
			m.save(i.x, pos)
			pc++
		case opProgress:
			if pc++; m.slots[i.x] == pos {
				pc = i.y
			}
		case opHere:
			if ok = m.slots[i.x] == pos; ok {
				pc++
			}
		case opAtomic:
			if pos, ok = m.run(pc+1, pos); ok {
				pc = i.x
			}
		case opAhead:
			if _, found := m.run(pc+1, pos); found == i.negative {
				ok = false
			} else {
				pc = i.x
			}
		case opBehind:
			if m.behind(i, pc, pos) == i.negative {
				ok = false
			} else {
				pc = i.x
			}
		case opBackref:
			if pos, ok = m.backref(i, pos); ok {
				pc++
			}
		case opGrapheme:
			if ok = pos < len(m.text); ok {
				pos = m.grapheme(pos)
				pc++
			}
		case opAssert:
			if ok = m.assert(i.kind, pos); ok {
				pc++
			}
		}
		if !ok {
			if pc, pos, ok = m.backtrack(base); !ok {
				return 0, false
			}
		}
	}
}

// push puts a choice point on the stack.
func (m *regexRun) push(pc, pos, least int) {
	if len(m.stack) >= maxChoices {
		m.steps = m.limit // the next step is one too many
		return
	}
	m.stack = append(m.stack, choicePoint{int32(pc), int32(pos), int32(least)})
}

// save sets a slot; its old value comes back where the way it is set on fails.
func (m *regexRun) save(slot, pos int) {
	m.push(-slot-1, m.slots[slot], noRun)
	m.slots[slot] = pos
}

// char matches one character.
func (m *regexRun) char(set *charset, pos int) (int, bool) {
	if pos >= len(m.text) {
		return pos, false
	}
	if c := m.text[pos]; c < utf8.RuneSelf {
		return pos + 1, set.ascii[c>>6]>>(c&63)&1 == 1
	}
	r, n := utf8.DecodeRuneInString(m.text[pos:])
	return pos + n, set.has(r)
}

// runOf matches as many characters as there are.
func (m *regexRun) runOf(i *instruction, pc, pos int) (int, bool) {
	least := pos
	count := 0
	for count < i.y {
		next, ok := m.char(i.set, pos)
		if !ok {
			break
		}
		pos = next
		if count++; count == i.x {
			least = pos
		}
	}
	m.steps += count
	if count < i.x {
		return pos, false
	}
	if i.give && pos > least {
		m.push(pc+1, pos, least)
	}
	return pos, true
}

// backtrack takes the next way from the stack; there is none where it is down to base.
func (m *regexRun) backtrack(base int) (pc, pos int, ok bool) {
	for len(m.stack) > base {
		top := &m.stack[len(m.stack)-1]
		switch {
		case top.pc < 0:
			m.slots[-top.pc-1] = int(top.pos)
			m.stack = m.stack[:len(m.stack)-1]
		case top.least != noRun:
			_, n := utf8.DecodeLastRuneInString(m.text[:top.pos])
			top.pos -= int32(n)
			p := *top
			if p.pos <= p.least {
				m.stack = m.stack[:len(m.stack)-1]
			}
			return int(p.pc), int(p.pos), true
		default:
			p := *top
			m.stack = m.stack[:len(m.stack)-1]
			return int(p.pc), int(p.pos), true
		}
	}
	return 0, 0, false
}

// settle removes the ways above base from the stack and keeps the old values of slots.
func (m *regexRun) settle(base int) {
	kept := m.stack[:base]
	for _, p := range m.stack[base:] {
		if p.pc < 0 {
			kept = append(kept, p)
		}
	}
	m.stack = kept
}

// behind reports whether what follows pc matches some text that ends at pos.
func (m *regexRun) behind(i *instruction, pc, pos int) bool {
	m.save(i.y, pos)
	at := pos
	for n := 0; n <= i.most; n++ {
		if n >= i.least {
			if _, ok := m.run(pc+1, at); ok {
				return true
			}
		}
		if at == 0 {
			return false
		}
		_, size := utf8.DecodeLastRuneInString(m.text[:at])
		at -= size
	}
	return false
}

func (m *regexRun) backref(i *instruction, pos int) (int, bool) {
	start, end := m.slots[i.x], m.slots[i.x+1]
	if start < 0 || end < start || len(m.text)-pos < end-start || m.text[pos:pos+end-start] != m.text[start:end] {
		return pos, false
	}
	m.steps += end - start
	return pos + end - start, true
}

// grapheme is the end of the grapheme cluster that begins at pos.
func (m *regexRun) grapheme(pos int) int {
	length, looked := unicode.RegexGrapheme(m.text, pos)
	m.steps += length + looked
	return pos + length
}

// assert reports whether an anchor holds.
func (m *regexRun) assert(kind nodeKind, pos int) bool {
	switch kind {
	case nodeLineStart:
		return pos == 0 || (m.text[pos-1] == '\n' && pos < len(m.text))
	case nodeLineEnd:
		return pos == len(m.text) || m.text[pos] == '\n'
	case nodeTextStart:
		return pos == 0
	case nodeTextEnd:
		return pos == len(m.text)
	case nodeLastLineEnd:
		return pos == len(m.text) || (pos == len(m.text)-1 && m.text[pos] == '\n')
	case nodeSearchStart:
		return pos == m.start
	}
	before, n := utf8.DecodeLastRuneInString(m.text[:pos])
	wordBefore := n > 0 && unicode.IsWord(before)
	after, n := utf8.DecodeRuneInString(m.text[pos:])
	wordAfter := n > 0 && unicode.IsWord(after)
	return (wordBefore != wordAfter) == (kind == nodeBoundary)
}
