package tokenizer

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// charset is a set of characters.
type charset struct {
	ascii  [2]uint64
	ranges []unicode.Range // sorted, disjoint; all of the set
}

// newCharset makes a set of ranges in any order.
func newCharset(ranges []unicode.Range) *charset {
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(a, b unicode.Range) int { return int(a.Lo) - int(b.Lo) })
	c := &charset{}
	for _, r := range sorted {
		if n := len(c.ranges); n > 0 && r.Lo <= c.ranges[n-1].Hi+1 {
			c.ranges[n-1].Hi = max(c.ranges[n-1].Hi, r.Hi)
			continue
		}
		c.ranges = append(c.ranges, r)
	}
	for _, r := range c.ranges {
		for b := r.Lo; b <= min(r.Hi, utf8.RuneSelf-1); b++ {
			c.ascii[b>>6] |= 1 << (b & 63)
		}
	}
	return c
}

func (c *charset) has(r rune) bool {
	if uint32(r) < utf8.RuneSelf {
		return c.ascii[r>>6]>>(r&63)&1 == 1
	}
	lo, hi := 0, len(c.ranges)
	for lo < hi {
		mid := (lo + hi) / 2
		switch {
		case r < c.ranges[mid].Lo:
			hi = mid
		case r > c.ranges[mid].Hi:
			lo = mid + 1
		default:
			return true
		}
	}
	return false
}

// not is every character that is not in the set.
func (c *charset) not() *charset {
	var out []unicode.Range
	next := rune(0)
	for _, r := range c.ranges {
		if next < r.Lo {
			out = append(out, unicode.Range{Lo: next, Hi: r.Lo - 1})
		}
		next = r.Hi + 1
	}
	if next <= utf8.MaxRune {
		out = append(out, unicode.Range{Lo: next, Hi: utf8.MaxRune})
	}
	return newCharset(out)
}

// and is what is in both sets.
func (c *charset) and(o *charset) *charset {
	var out []unicode.Range
	for i, j := 0, 0; i < len(c.ranges) && j < len(o.ranges); {
		lo, hi := max(c.ranges[i].Lo, o.ranges[j].Lo), min(c.ranges[i].Hi, o.ranges[j].Hi)
		if lo <= hi {
			out = append(out, unicode.Range{Lo: lo, Hi: hi})
		}
		if c.ranges[i].Hi < o.ranges[j].Hi {
			i++
		} else {
			j++
		}
	}
	return newCharset(out)
}

// with is the set and some more characters.
func (c *charset) with(runes []rune) *charset {
	ranges := slices.Clone(c.ranges)
	for _, r := range runes {
		ranges = append(ranges, unicode.Range{Lo: r, Hi: r})
	}
	return newCharset(ranges)
}

// folded adds the case variants of every character.
func (c *charset) folded() *charset {
	var more []rune
	for _, group := range unicode.CaseGroups() {
		if strings.IndexFunc(group, c.has) >= 0 {
			more = append(more, []rune(group)...)
		}
	}
	return c.with(more)
}
