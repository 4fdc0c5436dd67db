package tokenizer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// escape reads what follows a backslash outside a class.
func (p *regexParser) escape() (*node, error) {
	if len(p.rest) < 2 {
		return nil, errors.New("a backslash at the end")
	}
	c := p.rest[1]
	anchors := map[byte]nodeKind{'A': nodeTextStart, 'z': nodeTextEnd, 'Z': nodeLastLineEnd, 'G': nodeSearchStart,
		'b': nodeBoundary, 'B': nodeNotBoundary, 'K': nodeKeep, 'X': nodeGrapheme}
	if kind, ok := anchors[c]; ok {
		p.rest = p.rest[2:]
		return &node{kind: kind}, nil
	}
	switch {
	case c == 'R':
		p.rest = p.rest[2:]
		return lineBreak(), nil
	case c == 'N':
		p.rest = p.rest[2:]
		return &node{kind: nodeSet, set: newCharset([]unicode.Range{{Lo: '\n', Hi: '\n'}}).not()}, nil
	case c == 'O':
		p.rest = p.rest[2:]
		return &node{kind: nodeSet, set: (&charset{}).not()}, nil
	case c == 'k':
		return p.namedReference()
	case c == 'g' || c == 'y' || c == 'Y':
		return nil, fmt.Errorf("\\%c is not supported", c)
	case c >= '1' && c <= '9':
		if n := p.number(); n > 0 && n <= p.groups {
			p.rest = p.rest[1+len(strconv.Itoa(n)):]
			return &node{kind: nodeBackreference, group: n}, nil
		}
	}
	set, single, err := p.classEscape(false)
	if err != nil {
		return nil, err
	}
	if set == nil {
		return p.char(single), nil
	}
	return &node{kind: nodeSet, set: set}, nil
}

// number reads ahead the decimal number after a backslash.
func (p *regexParser) number() int {
	digits := p.rest[1:]
	for i := range digits {
		if digits[i] < '0' || digits[i] > '9' {
			digits = digits[:i]
			break
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func (p *regexParser) namedReference() (*node, error) {
	name, rest, ok := cutAny(p.rest[min(3, len(p.rest)):], ">'")
	if !ok {
		return nil, errors.New("a back reference without an end")
	}
	group, known := p.names[name]
	if !known {
		if group, _ = strconv.Atoi(name); group < 1 || group > p.groups {
			return nil, fmt.Errorf("a back reference to %.40q, which is no group", name)
		}
	}
	p.rest = rest
	return &node{kind: nodeBackreference, group: group}, nil
}

// lineBreak is \R: CR LF as one, or any line end.
func lineBreak() *node {
	one := func(ranges ...unicode.Range) *node { return &node{kind: nodeSet, set: newCharset(ranges)} }
	pair := &node{kind: nodeSequence, subs: []*node{one(unicode.Range{Lo: '\r', Hi: '\r'}),
		one(unicode.Range{Lo: '\n', Hi: '\n'})}}
	single := one(unicode.Range{Lo: '\n', Hi: '\r'}, unicode.Range{Lo: 0x85, Hi: 0x85},
		unicode.Range{Lo: 0x2028, Hi: 0x2029})
	return &node{kind: nodeAtomic, subs: []*node{{kind: nodeChoice, subs: []*node{pair, single}}}}
}

// class reads a bracketed class after its opening bracket. Case variants come in once the outermost class is whole, but
// before it is negated; the escapes in it are not looked at one by one.
func (p *regexParser) class(nested bool) (*charset, error) {
	if p.depth++; p.depth > maxPatternDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxPatternDepth)
	}
	defer func() { p.depth-- }()
	negative := p.take("^")
	var ranges []unicode.Range
	var and *charset
	for first := true; ; first = false {
		switch {
		case p.rest == "":
			return nil, errors.New("a class that is not closed")
		case p.rest[0] == ']' && !first:
			p.rest = p.rest[1:]
			set := intersection(and, ranges)
			if !nested {
				set = p.cased(set)
			}
			if negative {
				set = set.not()
			}
			return set, nil
		case p.take("&&"):
			and, ranges = intersection(and, ranges), nil
			continue
		}
		set, lo, err := p.classItem()
		if err != nil {
			return nil, err
		}
		if set != nil {
			ranges = append(ranges, set.ranges...)
			continue
		}
		hi, err := p.rangeEnd(lo)
		if err != nil {
			return nil, err
		}
		ranges = append(ranges, unicode.Range{Lo: lo, Hi: hi})
	}
}

// intersection is what is in ranges and, where there is one, in the set before &&.
func intersection(and *charset, ranges []unicode.Range) *charset {
	set := newCharset(ranges)
	if and != nil {
		set = and.and(set)
	}
	return set
}

// rangeEnd reads the end of a range that begins with lo, which is lo where no range follows.
func (p *regexParser) rangeEnd(lo rune) (rune, error) {
	if len(p.rest) < 2 || p.rest[0] != '-' || p.rest[1] == ']' || strings.HasPrefix(p.rest, "-&&") {
		return lo, nil
	}
	before := p.rest
	p.rest = p.rest[1:]
	set, hi, err := p.classItem()
	if err != nil {
		return 0, err
	}
	if set != nil { // [a-\w]: the hyphen stands for itself
		p.rest = before
		return lo, nil
	}
	if hi < lo {
		return 0, fmt.Errorf("the range %q-%q is empty", lo, hi)
	}
	return hi, nil
}

// classItem reads a character, or a set: an escape like \w, a POSIX class or a nested class.
func (p *regexParser) classItem() (*charset, rune, error) {
	switch {
	case strings.HasPrefix(p.rest, "[:"):
		if set, ok, err := p.posix(); ok || err != nil {
			return set, 0, err
		}
		fallthrough
	case p.rest[0] == '[':
		p.rest = p.rest[1:]
		set, err := p.class(true)
		return set, 0, err
	case p.rest[0] == '\\':
		return p.classEscape(true)
	}
	r, size := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[size:]
	return nil, r, nil
}

// posix reads [:name:] or [:^name:].
func (p *regexParser) posix() (*charset, bool, error) {
	name, rest, ok := strings.Cut(p.rest[2:], ":]")
	if !ok || len(name) > 20 {
		return nil, false, nil
	}
	name, negative := strings.CutPrefix(name, "^")
	ranges, known := unicode.Property(name)
	if !known {
		return nil, false, nil
	}
	if name == "punct" { // unlike \p{punct} it has the symbols too
		symbols, _ := unicode.Property("S")
		ranges = append(ranges, symbols...)
	}
	p.rest = rest
	set := newCharset(ranges)
	if negative {
		set = set.not()
	}
	return set, true, nil
}

// classEscape reads an escape that means a set or a character, inside a class or outside.
func (p *regexParser) classEscape(inside bool) (*charset, rune, error) {
	if len(p.rest) < 2 {
		return nil, 0, errors.New("a backslash at the end")
	}
	r, size := utf8.DecodeRuneInString(p.rest[1:])
	names := map[rune]string{'w': "word", 'd': "digit", 's': "space", 'h': "xdigit"}
	if name, ok := names[lowerRune(r)]; ok {
		p.rest = p.rest[2:]
		return p.namedSet(name, r < 'a', inside)
	}
	switch r {
	case 'p', 'P':
		return p.property(r == 'P', inside)
	case 'x', 'u', '0', '1', '2', '3', '4', '5', '6', '7':
		return p.numeric(byte(r))
	case 'c', 'C', 'M':
		return p.control()
	}
	p.rest = p.rest[1+size:]
	controls := map[rune]rune{'n': '\n', 't': '\t', 'r': '\r', 'f': '\f', 'v': '\v', 'a': '\a', 'e': 0x1B}
	if to, ok := controls[r]; ok {
		return nil, to, nil
	}
	if inside && r == 'b' {
		return nil, '\b', nil
	}
	return nil, r, nil
}

func lowerRune(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		r += 'a' - 'A'
	}
	return r
}

// namedSet is a property. Outside a class \w takes the superscripts and fractions of Latin-1 for word characters, which
// inside one it does not: Oniguruma has a table of its own for the first 256 characters.
func (p *regexParser) namedSet(name string, negative, inside bool) (*charset, rune, error) {
	ranges, ok := unicode.Property(name)
	if !ok {
		return nil, 0, fmt.Errorf("unknown property %.40q", name)
	}
	set := newCharset(ranges)
	if !inside && strings.EqualFold(strings.Trim(name, " -_"), "word") {
		var more []rune
		for r := rune(0); r < 256; r++ {
			if unicode.IsWord(r) {
				more = append(more, r)
			}
		}
		set = set.with(more)
	}
	if negative {
		set = set.not()
	}
	return set, 0, nil
}

// property reads \p{name}, \p{^name} or \P{name}.
func (p *regexParser) property(negative, inside bool) (*charset, rune, error) {
	if len(p.rest) < 3 || p.rest[2] != '{' {
		r := rune(p.rest[1])
		p.rest = p.rest[2:]
		return nil, r, nil
	}
	name, rest, ok := strings.Cut(p.rest[3:], "}")
	if !ok {
		return nil, 0, errors.New("a property name without an end")
	}
	p.rest = rest
	name, caret := strings.CutPrefix(name, "^")
	return p.namedSet(name, negative != caret, inside)
}

// numeric reads \xHH, \x{H...}, \uHHHH or \ooo.
func (p *regexParser) numeric(c byte) (*charset, rune, error) {
	digits, base, most := p.rest[2:], 16, 2
	switch c {
	case 'x':
		if body, ok := strings.CutPrefix(digits, "{"); ok {
			hex, rest, ok := strings.Cut(body, "}")
			n, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 32)
			if !ok || err != nil || n > utf8.MaxRune {
				return nil, 0, fmt.Errorf("the character code \\x{%.10s is invalid", body)
			}
			p.rest = rest
			return nil, rune(n), nil
		}
	case 'u':
		most = 4
	default:
		digits, base, most = p.rest[1:], 8, 3
	}
	n := 0
	for n < most && n < len(digits) && isDigit(digits[n], base) {
		n++
	}
	if n == 0 || (c == 'u' && n < 4) {
		return nil, 0, fmt.Errorf("the character code %.6q is invalid", p.rest)
	}
	code, err := strconv.ParseUint(digits[:n], base, 32)
	if err != nil {
		return nil, 0, fmt.Errorf("the character code %.6q is invalid", p.rest)
	}
	if c != 'u' && code > 0x7F {
		return nil, 0, fmt.Errorf("the byte %.6q is no character by itself", p.rest)
	}
	p.rest = digits[n:]
	return nil, rune(code), nil
}

func isDigit(c byte, base int) bool {
	if base == 8 {
		return c >= '0' && c <= '7'
	}
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// control reads \cX, \C-X.
func (p *regexParser) control() (*charset, rune, error) {
	rest, ok := strings.CutPrefix(p.rest, "\\C-")
	if !ok {
		if rest, ok = strings.CutPrefix(p.rest, "\\c"); !ok {
			return nil, 0, fmt.Errorf("%.4q is not supported", p.rest)
		}
	}
	if rest == "" || rest[0] >= utf8.RuneSelf || rest[0] == '\\' {
		return nil, 0, errors.New("a control character without its letter")
	}
	p.rest = rest[1:]
	return nil, rune(rest[0] & 0x9F), nil
}
