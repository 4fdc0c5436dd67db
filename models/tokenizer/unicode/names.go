package unicode

import (
	"strings"
	"unicode/utf8"
)

// Range is a range of code points, both ends included.
type Range struct{ Lo, Hi rune }

// Property is what \p{name} matches in Oniguruma, as sorted ranges that do not touch: general categories, scripts,
// blocks ("InArrows"), binary properties and POSIX classes, by every name and alias that Oniguruma has. Case, spaces,
// hyphens and underscores do not matter. It decodes the ranges on every call.
func Property(name string) ([]Range, bool) {
	name = strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case r == ' ' || r == '-' || r == '_':
			return -1
		}
		return r
	}, name)
	if name == "" || strings.ContainsAny(name, "=\n") {
		return nil, false
	}
	for rest := propertyData[1:]; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		names, data, _ := strings.Cut(line, "=")
		for alias := range strings.FieldsSeq(names) {
			if alias == name {
				return parseRanges(data), true
			}
		}
	}
	return nil, false
}

// parseRanges reads what packed in generate.py writes: for each range the gap before it and its length less one, in
// digits of 5 bits with the lowest first; a sixth bit says that more follow.
func parseRanges(data string) []Range {
	var ranges []Range
	next, i := rune(0), 0
	number := func() rune {
		var n rune
		for shift := 0; ; shift += 5 {
			digit := rangeDigit(data[i])
			i++
			n |= digit & 31 << shift
			if digit < 32 {
				return n
			}
		}
	}
	for i < len(data) {
		lo := next + number()
		hi := lo + number()
		ranges = append(ranges, Range{lo, hi})
		next = hi + 1
	}
	return ranges
}

// rangeDigit is the value of a digit of the base64 alphabet.
func rangeDigit(c byte) rune {
	switch {
	case 'A' <= c && c <= 'Z':
		return rune(c - 'A')
	case 'a' <= c && c <= 'z':
		return rune(c-'a') + 26
	case '0' <= c && c <= '9':
		return rune(c-'0') + 52
	case c == '+':
		return 62
	}
	return 63
}

// CaseVariants are the code points that Oniguruma treats as the same as r under (?i), r among them; r alone where it
// has no case. One code point that folds to several ("ß" and "ss") is not among them.
func CaseVariants(r rune) []rune {
	i := -1
	if r != ' ' && r != utf8.RuneError {
		i = strings.IndexRune(caseGroups, r)
	}
	if i < 0 {
		return []rune{r}
	}
	start := strings.LastIndexByte(caseGroups[:i], ' ') + 1
	end := i + strings.IndexByte(caseGroups[i:], ' ')
	return []rune(caseGroups[start:end])
}
