package tokenizer

import (
	"errors"
	"fmt"
)

// maxProgram is how many instructions a pattern may become: repeats with bounds are unrolled.
const maxProgram = 1 << 17

type opcode uint8

const (
	opSet      opcode = iota // a character of set
	opRun                    // x to y characters of set, as many as possible; gives back where give is set
	opSplit                  // goes on at x, and if that fails at y
	opJump                   // goes on at x
	opSave                   // notes the position in slot x
	opProgress               // goes on at y where the position is still that of slot x
	opAtomic                 // matches what follows up to opEnd for good, and goes on at x
	opAhead                  // the same without moving; y is 1 where it must not match
	opBehind                 // what follows must end here, as slot y notes; goes on at x; least and most bound it
	opHere                   // fails where the position is not that of slot x
	opBackref                // the text of the group whose slots are x and x+1
	opAssert                 // the anchor that kind is
	opGrapheme               // a grapheme cluster
	opEnd                    // the end, or that of opAtomic, opAhead or opBehind
)

type instruction struct {
	op       opcode
	give     bool
	negative bool
	kind     nodeKind
	set      *charset
	x, y     int
	least    int
	most     int
}

// regexCompiler writes a pattern as a program for a backtracking machine.
type regexCompiler struct {
	code   []instruction
	slots  int
	groups bool // some part refers back to a group, so that groups are to be noted
}

func (c *regexCompiler) emit(i instruction) int {
	c.code = append(c.code, i)
	return len(c.code) - 1
}

func (c *regexCompiler) compile(n *node) error {
	if len(c.code) > maxProgram {
		return errors.New("its repeats make it too long")
	}
	switch n.kind {
	case nodeSet:
		c.emit(instruction{op: opSet, set: n.set})
	case nodeSequence:
		for _, sub := range n.subs {
			if err := c.compile(sub); err != nil {
				return err
			}
		}
	case nodeChoice:
		return c.choice(n)
	case nodeRepeat:
		return c.repeat(n)
	case nodeGroup:
		if !c.groups {
			return c.compile(n.subs[0])
		}
		c.emit(instruction{op: opSave, x: 2 * n.group})
		if err := c.compile(n.subs[0]); err != nil {
			return err
		}
		c.emit(instruction{op: opSave, x: 2*n.group + 1})
	case nodeAtomic:
		return c.inner(instruction{op: opAtomic}, n.subs[0])
	case nodeAhead:
		return c.inner(instruction{op: opAhead, negative: n.negative}, n.subs[0])
	case nodeBehind:
		return c.behind(n)
	case nodeBackreference:
		c.emit(instruction{op: opBackref, x: 2 * n.group})
	case nodeKeep:
		c.emit(instruction{op: opSave, x: 0})
	case nodeGrapheme:
		c.emit(instruction{op: opGrapheme})
	default:
		c.emit(instruction{op: opAssert, kind: n.kind})
	}
	return nil
}

// inner writes a part that is matched by itself, with its end.
func (c *regexCompiler) inner(i instruction, sub *node) error {
	at := c.emit(i)
	if err := c.compile(sub); err != nil {
		return err
	}
	c.emit(instruction{op: opEnd})
	c.code[at].x = len(c.code)
	return nil
}

// behind writes a look-behind: its part must end where the position was before it.
func (c *regexCompiler) behind(n *node) error {
	slot := c.slots
	c.slots++
	least, most := n.subs[0].width()
	at := c.emit(instruction{op: opBehind, negative: n.negative, y: slot, least: least, most: most})
	if err := c.compile(n.subs[0]); err != nil {
		return err
	}
	c.emit(instruction{op: opHere, x: slot})
	c.emit(instruction{op: opEnd})
	c.code[at].x = len(c.code)
	return nil
}

func (c *regexCompiler) choice(n *node) error {
	var jumps []int
	for i, sub := range n.subs {
		split := -1
		if i < len(n.subs)-1 {
			split = c.emit(instruction{op: opSplit, x: len(c.code) + 1})
		}
		if err := c.compile(sub); err != nil {
			return err
		}
		if split >= 0 {
			jumps = append(jumps, c.emit(instruction{op: opJump}))
			c.code[split].y = len(c.code)
		}
	}
	for _, at := range jumps {
		c.code[at].x = len(c.code)
	}
	return nil
}

func (c *regexCompiler) repeat(n *node) error {
	sub := n.subs[0]
	if set := onlySet(sub); set != nil && !n.lazy {
		c.emit(instruction{op: opRun, set: set, x: n.min, y: n.max, give: !n.atomic})
		return nil
	}
	if n.atomic {
		plain := *n
		plain.atomic = false
		return c.inner(instruction{op: opAtomic}, &plain)
	}
	for range n.min {
		if err := c.compile(sub); err != nil {
			return err
		}
	}
	if n.max == unlimited {
		return c.loop(n)
	}
	var splits []int
	for range n.max - n.min {
		splits = append(splits, c.emit(instruction{op: opSplit, x: len(c.code) + 1}))
		if err := c.compile(sub); err != nil {
			return err
		}
	}
	for _, at := range splits {
		c.code[at].y = len(c.code)
		if n.lazy {
			c.code[at].x, c.code[at].y = c.code[at].y, c.code[at].x
		}
	}
	return nil
}

// loop writes a repeat without a limit. A round that matches nothing ends it.
func (c *regexCompiler) loop(n *node) error {
	slot := c.slots
	c.slots++
	split := c.emit(instruction{op: opSplit, x: len(c.code) + 1})
	c.emit(instruction{op: opSave, x: slot})
	if err := c.compile(n.subs[0]); err != nil {
		return err
	}
	c.emit(instruction{op: opProgress, x: slot, y: len(c.code) + 2})
	c.emit(instruction{op: opJump, x: split})
	c.code[split].y = len(c.code)
	if n.lazy {
		c.code[split].x, c.code[split].y = c.code[split].y, c.code[split].x
	}
	return nil
}

// onlySet is the set of a node that is nothing but one character.
func onlySet(n *node) *charset {
	for n.kind == nodeSequence && len(n.subs) == 1 {
		n = n.subs[0]
	}
	if n.kind == nodeSet {
		return n.set
	}
	return nil
}

// newRegex compiles a pattern.
func newRegex(pattern string) (finder, error) {
	n, err := parseRegex(pattern)
	if err != nil {
		return nil, err
	}
	c := &regexCompiler{slots: 1}
	if groups, back := groupsOf(n); back {
		c.slots, c.groups = 2*groups+2, true
	}
	if err := c.compile(n); err != nil {
		return nil, err
	}
	c.emit(instruction{op: opEnd})
	r := &regex{code: c.code, slots: c.slots}
	if set, empty := n.first(); !empty {
		r.first = set
	}
	return r, nil
}

// groupsOf is the highest number of a group, and whether some part refers back to one.
func groupsOf(n *node) (most int, back bool) {
	most, back = n.group, n.kind == nodeBackreference
	for _, sub := range n.subs {
		m, b := groupsOf(sub)
		most, back = max(most, m), back || b
	}
	return most, back
}

// errTooManySteps is the error of a pattern that backtracks without end.
func errTooManySteps(length int) error {
	return fmt.Errorf("a regular expression of the tokenizer needs too many steps on a text of %d bytes", length)
}
