package tokenizer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// Limits of the patterns that are accepted. The longest that is published has 600 bytes.
const (
	maxPatternBytes = 1 << 14
	maxPatternDepth = 100
	maxRepeat       = 100_000 // Oniguruma's own
	maxFolded       = 600_000 // characters whose case variants are looked up for one pattern
)

// regexParser reads a pattern in the syntax that the Rust library compiles it with: Oniguruma's Ruby syntax. In it ^ and
// $ match at every line, (?m) lets the dot match line ends, and \h is a hexadecimal digit.
//
// Not supported, with an error: \g<name>, (?~absent), (?(condition)...), \y.
type regexParser struct {
	rest     string
	depth    int
	groups   int
	names    map[string]int
	named    bool // some group has a name: then plain parentheses do not count
	fold     bool // (?i)
	dotAll   bool // (?m)
	extended bool // (?x)
}

func parseRegex(pattern string) (*node, error) {
	if len(pattern) > maxPatternBytes {
		return nil, fmt.Errorf("%d bytes long; expected at most %d", len(pattern), maxPatternBytes)
	}
	p := &regexParser{rest: pattern, names: map[string]int{}}
	p.named = strings.Contains(pattern, "(?<") && hasNamedGroup(pattern)
	n, err := p.choice()
	if err != nil {
		return nil, err
	}
	if p.rest != "" {
		return nil, errors.New("a closing parenthesis too many")
	}
	return n, nil
}

// hasNamedGroup looks for (?<name>, which is not a look-behind.
func hasNamedGroup(pattern string) bool {
	for {
		_, after, ok := strings.Cut(pattern, "(?<")
		if !ok {
			return false
		}
		if after != "" && after[0] != '=' && after[0] != '!' {
			return true
		}
		pattern = after
	}
}

// choice reads alternatives, up to a closing parenthesis or the end.
func (p *regexParser) choice() (*node, error) {
	if p.depth++; p.depth > maxPatternDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxPatternDepth)
	}
	defer func() { p.depth-- }()
	choice := &node{kind: nodeChoice}
	for {
		sub, err := p.sequence()
		if err != nil {
			return nil, err
		}
		choice.subs = append(choice.subs, sub)
		if !p.take("|") {
			break
		}
	}
	if len(choice.subs) == 1 {
		return choice.subs[0], nil
	}
	return choice, nil
}

func (p *regexParser) sequence() (*node, error) {
	seq := &node{kind: nodeSequence}
	for p.rest != "" && p.rest[0] != '|' && p.rest[0] != ')' {
		if p.extended && p.skipBlank() {
			continue
		}
		if done, err := p.options(seq); done || err != nil {
			return seq, err
		}
		atom, err := p.atom()
		if err != nil {
			return nil, err
		}
		if atom == nil {
			continue
		}
		if atom, err = p.repeats(atom); err != nil {
			return nil, err
		}
		seq.subs = append(seq.subs, atom)
	}
	if slices.ContainsFunc(seq.subs, func(n *node) bool { return n.literal != 0 }) {
		seq.subs = p.foldSeveral(seq.subs)
	}
	return seq, nil
}

// take takes a text if it comes next.
func (p *regexParser) take(text string) bool {
	rest, ok := strings.CutPrefix(p.rest, text)
	p.rest = rest
	return ok
}

func (p *regexParser) skipBlank() bool {
	switch p.rest[0] {
	case ' ', '\t', '\n', '\r', '\f', '\v':
		p.rest = p.rest[1:]
		return true
	case '#':
		_, p.rest, _ = strings.Cut(p.rest, "\n")
		return true
	}
	return false
}

// options reads (?imx-imx), which holds for all that follows in the group, further alternatives too.
func (p *regexParser) options(seq *node) (bool, error) {
	end := strings.IndexByte(p.rest, ')')
	if !strings.HasPrefix(p.rest, "(?") || end < 0 || strings.Trim(p.rest[2:end], "imx-") != "" || end == 2 {
		return false, nil
	}
	before := *p
	if err := p.setOptions(p.rest[2:end]); err != nil {
		return false, err
	}
	p.rest = p.rest[end+1:]
	sub, err := p.choice()
	p.fold, p.dotAll, p.extended = before.fold, before.dotAll, before.extended
	if err == nil {
		seq.subs = append(seq.subs, sub)
	}
	return true, err
}

func (p *regexParser) setOptions(flags string) error {
	on := true
	for _, f := range flags {
		switch f {
		case '-':
			on = false
		case 'i':
			p.fold = on
		case 'm':
			p.dotAll = on
		case 'x':
			p.extended = on
		default:
			return fmt.Errorf("unknown option %q", f)
		}
	}
	return nil
}

// repeats reads the quantifiers after an atom.
func (p *regexParser) repeats(atom *node) (*node, error) {
	for p.rest != "" {
		if p.extended && p.skipBlank() {
			continue
		}
		n := &node{kind: nodeRepeat, subs: []*node{atom}}
		braces := p.rest[0] == '{'
		switch {
		case p.take("*"):
			n.max = unlimited
		case p.take("+"):
			n.min, n.max = 1, unlimited
		case p.take("?"):
			n.max = 1
		default:
			ok, err := p.interval(n)
			if err != nil || !ok {
				return atom, err
			}
		}
		switch {
		case braces && n.min == n.max:
			// {n}? is an optional {n}, {n}+ a repeated one: the next round reads them.
		case p.take("?"):
			n.lazy = true
		case !braces && p.take("+"):
			n.atomic = true
		}
		if _, most := atom.width(); most == 0 { // what matches nothing need not be repeated
			n.min, n.max = min(n.min, 1), min(n.max, 1)
		}
		atom = n
		if p.depth++; p.depth > maxPatternDepth {
			return nil, fmt.Errorf("nested deeper than %d levels", maxPatternDepth)
		}
		defer func() { p.depth-- }()
	}
	return atom, nil
}

// interval reads {n}, {n,}, {,m} or {n,m}. Anything else is an ordinary brace.
func (p *regexParser) interval(n *node) (bool, error) {
	if p.rest[0] != '{' {
		return false, nil
	}
	body, after, ok := strings.Cut(p.rest[1:], "}")
	low, high, comma := strings.Cut(body, ",")
	if !ok || (low == "" && high == "") || strings.Trim(low+high, "0123456789") != "" || len(low)+len(high) > 12 {
		return false, nil
	}
	n.max = unlimited
	for i := range low {
		n.min = n.min*10 + int(low[i]-'0')
	}
	if !comma {
		n.max = n.min
	} else if high != "" {
		n.max = 0
		for i := range high {
			n.max = n.max*10 + int(high[i]-'0')
		}
	}
	if n.min > maxRepeat || (n.max > maxRepeat && n.max != unlimited) {
		return false, fmt.Errorf("a repeat of more than %d times", maxRepeat)
	}
	if n.max < n.min { // Ruby: {m,n} with m > n is {n,m}, and possessive
		n.min, n.max, n.atomic = n.max, n.min, true
	}
	p.rest = after
	return true, nil
}

// atom reads a character, a class, a group or an anchor; nil for a comment.
func (p *regexParser) atom() (*node, error) {
	r, size := utf8.DecodeRuneInString(p.rest)
	switch r {
	case '(':
		return p.group()
	case '[':
		p.rest = p.rest[1:]
		set, err := p.class(false)
		return &node{kind: nodeSet, set: set}, err
	case '\\':
		return p.escape()
	case '*', '+', '?':
		return nil, fmt.Errorf("nothing to repeat before %q", r)
	}
	p.rest = p.rest[size:]
	switch r {
	case '.':
		return &node{kind: nodeSet, set: p.dot()}, nil
	case '^':
		return &node{kind: nodeLineStart}, nil
	case '$':
		return &node{kind: nodeLineEnd}, nil
	}
	return p.char(r), nil
}

func (p *regexParser) dot() *charset {
	if p.dotAll {
		return (&charset{}).not()
	}
	return newCharset([]unicode.Range{{Lo: '\n', Hi: '\n'}}).not()
}

// char is a single character, with its case variants if they count.
func (p *regexParser) char(r rune) *node {
	if !p.fold {
		return &node{kind: nodeSet, set: (&charset{}).with([]rune{r})}
	}
	return &node{kind: nodeSet, set: (&charset{}).with(unicode.CaseVariants(r)), literal: r}
}

// cased adds case variants if they count.
func (p *regexParser) cased(set *charset) *charset {
	if !p.fold {
		return set
	}
	return set.folded()
}

// group reads from an opening parenthesis to its closing one.
func (p *regexParser) group() (*node, error) {
	before := *p
	n := &node{}
	switch {
	case p.take("(?#"):
		_, rest, ok := strings.Cut(p.rest, ")")
		if !ok {
			return nil, errors.New("a comment without an end")
		}
		p.rest = rest
		return nil, nil
	case p.take("(?:"):
		n = nil
	case p.take("(?="):
		n.kind = nodeAhead
	case p.take("(?!"):
		n.kind, n.negative = nodeAhead, true
	case p.take("(?<="):
		n.kind = nodeBehind
	case p.take("(?<!"):
		n.kind, n.negative = nodeBehind, true
	case p.take("(?>"):
		n.kind = nodeAtomic
	case p.take("(?<"), p.take("(?'"):
		name, rest, ok := cutAny(p.rest, ">'")
		if !ok || name == "" {
			return nil, errors.New("a group name without an end")
		}
		p.rest = rest
		p.groups++
		n.kind, n.group = nodeGroup, p.groups
		p.names[name] = n.group
	case strings.HasPrefix(p.rest, "(?"):
		flags, rest, ok := strings.Cut(p.rest[2:], ":")
		if !ok || strings.Trim(flags, "imx-") != "" {
			return nil, fmt.Errorf("the group %.10q is not supported", p.rest)
		}
		if err := p.setOptions(flags); err != nil {
			return nil, err
		}
		p.rest = rest
		n = nil
	default:
		p.rest = p.rest[1:]
		if p.named {
			n = nil
			break
		}
		p.groups++
		n.kind, n.group = nodeGroup, p.groups
	}
	sub, err := p.choice()
	if err != nil {
		return nil, err
	}
	if !p.take(")") {
		return nil, errors.New("a parenthesis that is not closed")
	}
	p.fold, p.dotAll, p.extended = before.fold, before.dotAll, before.extended
	if n == nil {
		return sub, nil
	}
	n.subs = []*node{sub}
	return n, nil
}

// cutAny is strings.Cut at the first of several characters.
func cutAny(s, chars string) (before, after string, ok bool) {
	i := strings.IndexAny(s, chars)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
