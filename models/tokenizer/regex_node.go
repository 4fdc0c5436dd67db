package tokenizer

import (
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// node is a part of a regular expression.
type node struct {
	kind     nodeKind
	set      *charset // nodeSet
	subs     []*node  // nodeSequence, nodeChoice; one for the rest
	min, max int      // nodeRepeat; max is unlimited where nothing stops it
	lazy     bool     // nodeRepeat: as few as possible
	atomic   bool     // nodeRepeat: never gives back what it has
	negative bool     // nodeAhead, nodeBehind
	group    int      // nodeGroup, nodeBackreference
	literal  rune     // nodeSet: the one character it was written as, where case does not count; else 0
}

type nodeKind uint8

const (
	nodeSet nodeKind = iota
	nodeSequence
	nodeChoice
	nodeRepeat
	nodeGroup
	nodeAtomic
	nodeAhead
	nodeBehind
	nodeBackreference
	nodeKeep        // \K
	nodeGrapheme    // \X
	nodeLineStart   // ^
	nodeLineEnd     // $
	nodeTextStart   // \A
	nodeTextEnd     // \z
	nodeLastLineEnd // \Z
	nodeSearchStart // \G
	nodeBoundary    // \b
	nodeNotBoundary // \B
)

const unlimited = 1 << 30

// width is how many characters a node matches at least and at most.
func (n *node) width() (least, most int) {
	switch n.kind {
	case nodeSet:
		return 1, 1
	case nodeGrapheme:
		return 1, unlimited
	case nodeBackreference:
		return 0, unlimited
	case nodeSequence:
		for _, sub := range n.subs {
			l, m := sub.width()
			least, most = min(least+l, unlimited), min(most+m, unlimited)
		}
		return least, most
	case nodeChoice:
		least = unlimited
		for _, sub := range n.subs {
			l, m := sub.width()
			least, most = min(least, l), max(most, m)
		}
		return least, most
	case nodeRepeat:
		l, m := n.subs[0].width()
		least = clampProduct(l, n.min)
		most = clampProduct(m, n.max)
		return least, most
	case nodeGroup, nodeAtomic:
		return n.subs[0].width()
	}
	return 0, 0
}

func clampProduct(a, b int) int {
	if a == 0 || b == 0 {
		return 0
	}
	if a >= unlimited/b {
		return unlimited
	}
	return a * b
}

// first is which characters a match can begin with. empty says that it can match nothing, or look elsewhere, so that
// any character may follow.
func (n *node) first() (set *charset, empty bool) {
	switch n.kind {
	case nodeSet:
		return n.set, false
	case nodeSequence:
		all := &charset{}
		for _, sub := range n.subs {
			s, e := sub.first()
			all = newCharset(append(all.ranges, s.ranges...))
			if !e {
				return all, false
			}
		}
		return all, true
	case nodeChoice:
		all := &charset{}
		for _, sub := range n.subs {
			s, e := sub.first()
			all = newCharset(append(all.ranges, s.ranges...))
			empty = empty || e
		}
		return all, empty
	case nodeRepeat:
		s, e := n.subs[0].first()
		return s, e || n.min == 0
	case nodeGroup, nodeAtomic:
		return n.subs[0].first()
	case nodeGrapheme:
		return newCharset([]unicode.Range{{Lo: 0, Hi: utf8.MaxRune}}), false
	case nodeBackreference:
		return newCharset([]unicode.Range{{Lo: 0, Hi: utf8.MaxRune}}), true
	}
	return &charset{}, true
}
