package unicode

import (
	"sort"
	"sync"
	"unicode/utf8"
)

// Classes of code points for grapheme clusters: Grapheme_Cluster_Break, with Indic_Conjunct_Break and
// Extended_Pictographic, which divide its classes Extend and Other. The order is that of GRAPHEME in probe.py.
const (
	gcbOther = iota
	gcbCR
	gcbLF
	gcbControl
	gcbExtend
	gcbConjunctExtend
	gcbLinker
	gcbZWJ
	gcbRegionalIndicator
	gcbPrepend
	gcbSpacingMark
	gcbL
	gcbV
	gcbT
	gcbLV
	gcbLVT
	gcbPictographic
	gcbConsonant
)

func graphemeClass(r rune) uint8 {
	if uint32(r) < graphemeLimit {
		return graphemeBlocks[int(graphemeIndex[r>>6])<<6|int(r&63)] - 32
	}
	return uint8(inSpans(r, graphemeHigh[:]))
}

// NextGrapheme is the length in bytes of the extended grapheme cluster that s begins with (UAX 29, as the crate
// unicode-segmentation has it), 0 for the empty string. s is valid UTF-8.
func NextGrapheme(s string) int {
	if len(s) < 2 || s[0] != '\r' && s[0] < utf8.RuneSelf && s[1] < utf8.RuneSelf {
		return min(len(s), 1)
	}
	var c cluster
	return c.end(s, graphemeClass)
}

// RegexGrapheme is the length in bytes of what \X of Oniguruma matches at pos in s, 0 at its end: a grapheme cluster of
// an earlier Unicode, without the rule for Indic conjuncts. Where pos lies in the middle of an emoji or a run of flags,
// it depends on what comes before; looked is how many bytes of that had to be read. s is valid UTF-8.
func RegexGrapheme(s string, pos int) (length, looked int) {
	if len(s)-pos < 2 || s[pos] != '\r' && s[pos] < utf8.RuneSelf && s[pos+1] < utf8.RuneSelf {
		return min(len(s)-pos, 1), 0
	}
	before := pos
	for before > 0 {
		r, _ := utf8.DecodeRuneInString(s[before:])
		class := regexGraphemeClass(r)
		previous, size := utf8.DecodeLastRuneInString(s[:before])
		switch {
		case class == gcbRegionalIndicator && regexGraphemeClass(previous) == gcbRegionalIndicator:
		case gcbExtend <= class && class <= gcbZWJ:
		default:
			size = 0
		}
		if size == 0 {
			break
		}
		before -= size
	}
	var c cluster
	for _, r := range s[before:pos] {
		c.add(regexGraphemeClass(r))
	}
	return c.end(s[pos:], regexGraphemeClass), pos - before
}

// end is how long the cluster is whose next code point is the first of s.
func (c *cluster) end(s string, classOf func(rune) uint8) int {
	r, end := utf8.DecodeRuneInString(s)
	c.add(classOf(r))
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		class := classOf(r)
		if c.breaksBefore(class) {
			break
		}
		c.add(class)
		end += size
	}
	return end
}

// pictographs are \p{Extended_Pictographic} of Oniguruma, which later versions of Unicode cut down.
var pictographs = sync.OnceValue(func() []Range {
	ranges, _ := Property("extendedpictographic")
	return ranges
})

// regexGraphemeClass is graphemeClass as Oniguruma's tables have it.
func regexGraphemeClass(r rune) uint8 {
	class := graphemeClass(r)
	switch {
	case r < 0xA9:
	case r == 0x11A3A:
		class = gcbPrepend
	case class == gcbOther || class == gcbConsonant || class == gcbPictographic || Category(r) == Cn && class != gcbControl:
		ranges := pictographs()
		i := sort.Search(len(ranges), func(i int) bool { return ranges[i].Hi >= r })
		class = gcbOther
		if i < len(ranges) && ranges[i].Lo <= r {
			class = gcbPictographic
		}
	}
	return class
}

// cluster is what the rules need to know of the code points so far.
type cluster struct {
	last       uint8
	conjunct   uint8 // GB9c: 1 in a consonant with what extends it, 2 with a linker among that
	pictograph uint8 // GB11: 1 in a pictograph with what extends it, 2 after its joiner
	oddFlags   bool  // GB12: an odd number of regional indicators
}

func (c *cluster) add(class uint8) {
	switch class {
	case gcbConsonant:
		c.conjunct = 1
	case gcbLinker:
		if c.conjunct > 0 {
			c.conjunct = 2
		}
	case gcbConjunctExtend, gcbZWJ:
	default:
		c.conjunct = 0
	}
	switch {
	case class == gcbPictographic:
		c.pictograph = 1
	case c.pictograph == 1 && class == gcbZWJ:
		c.pictograph = 2
	case c.pictograph == 1 && gcbExtend <= class && class <= gcbLinker:
	default:
		c.pictograph = 0
	}
	c.oddFlags = class == gcbRegionalIndicator && !c.oddFlags
	c.last = class
}

func (c *cluster) breaksBefore(class uint8) bool {
	switch {
	case c.last == gcbCR && class == gcbLF: // GB3
		return false
	case gcbCR <= c.last && c.last <= gcbControl, gcbCR <= class && class <= gcbControl: // GB4, GB5
		return true
	case gcbExtend <= class && class <= gcbZWJ, class == gcbSpacingMark, c.last == gcbPrepend: // GB9, GB9a, GB9b
		return false
	}
	switch class {
	case gcbL, gcbLV, gcbLVT: // GB6
		return c.last != gcbL
	case gcbV: // GB6, GB7
		return c.last != gcbL && c.last != gcbV && c.last != gcbLV
	case gcbT: // GB7, GB8
		return c.last != gcbV && c.last != gcbLV && c.last != gcbT && c.last != gcbLVT
	case gcbConsonant:
		return c.conjunct != 2
	case gcbPictographic:
		return c.pictograph != 2
	case gcbRegionalIndicator:
		return !c.oddFlags
	}
	return true
}
