package tokenizer

import (
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// The split patterns of the published models fall into few families. The most frequent ones are written here
// as scanners, which are many times faster than a regular expression engine; a test compares each with one.

// class is what a scanner asks of a character.
type class uint8

const (
	classLetter  class = 1 << iota // \p{L}
	classNumber                    // \p{N}
	classSpace                     // \s
	classNewline                   // \r or \n
	classMark                      // \p{M}
	classUpper                     // \p{Lu} \p{Lt}
	classLower                     // \p{Ll}
	classSymbol                    // \p{P} \p{S}
)

// classOf are the classes of the general categories.
var classOf = [32]class{
	unicode.Lu: classLetter | classUpper, unicode.Lt: classLetter | classUpper, unicode.Ll: classLetter | classLower,
	unicode.Lm: classLetter, unicode.Lo: classLetter,
	unicode.Mn: classMark, unicode.Mc: classMark, unicode.Me: classMark,
	unicode.Nd: classNumber, unicode.Nl: classNumber, unicode.No: classNumber,
	unicode.Pc: classSymbol, unicode.Pd: classSymbol, unicode.Ps: classSymbol, unicode.Pe: classSymbol,
	unicode.Pi: classSymbol, unicode.Pf: classSymbol, unicode.Po: classSymbol,
	unicode.Sm: classSymbol, unicode.Sc: classSymbol, unicode.Sk: classSymbol, unicode.So: classSymbol,
	unicode.Zs: classSpace, unicode.Zl: classSpace, unicode.Zp: classSpace,
}

func classify(r rune) class {
	cat := unicode.Category(r)
	if cat == unicode.Cc && unicode.IsSpace(r) {
		if r == '\r' || r == '\n' {
			return classSpace | classNewline
		}
		return classSpace
	}
	return classOf[cat]
}

// classAt is the class of the character at a byte, and its length; 0, 0 at the end.
func classAt(text string, at int) (class, int) {
	if at >= len(text) {
		return 0, 0
	}
	if c := text[at]; c < utf8.RuneSelf {
		return classify(rune(c)), 1
	}
	r, n := utf8.DecodeRuneInString(text[at:])
	return classify(r), n
}

// run is where the characters of a class end, from byte at on.
func run(text string, at int, of class) int {
	for {
		c, n := classAt(text, at)
		if n == 0 || c&of == 0 {
			return at
		}
		at += n
	}
}

// runWithout is where the characters that are in none of the classes end.
func runWithout(text string, at int, of class) int {
	for {
		c, n := classAt(text, at)
		if n == 0 || c&of != 0 {
			return at
		}
		at += n
	}
}

// blanks is the match of \s+(?!\S)|\s+ at byte at, where white space is: all of it, but the last character if more
// follows and there are several.
func blanks(text string, at int) int {
	end := run(text, at, classSpace)
	if end == len(text) {
		return end
	}
	_, last := utf8.DecodeLastRuneInString(text[at:end])
	if end-last > at {
		return end - last
	}
	return end
}

// lines is the match of \s*[\r\n]+ at byte at: to the last line end of the white space there.
func lines(text string, at int) int {
	end := at
	for i := at; ; {
		c, n := classAt(text, i)
		if c&classSpace == 0 {
			return end
		}
		i += n
		if c&classNewline != 0 {
			end = i
		}
	}
}

// contraction is the match of 's|'t|'re|'ve|'m|'ll|'d at byte at, fold saying whether in any case.
func contraction(text string, at int, fold bool) int {
	if at+1 >= len(text) || text[at] != '\'' {
		return at
	}
	if fold && len(text)-at >= 3 && text[at+1:at+3] == "ſ" { // U+017F, a case variant of s
		return at + 3
	}
	first := lowerASCII(text[at+1], fold)
	switch first {
	case 's', 't', 'm', 'd':
		return at + 2
	}
	if at+2 >= len(text) {
		return at
	}
	second := lowerASCII(text[at+2], fold)
	switch {
	case first == 'r' && second == 'e', first == 'v' && second == 'e', first == 'l' && second == 'l':
		return at + 3
	}
	return at
}

func lowerASCII(c byte, fold bool) byte {
	if fold && c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// scanGPT2 is the pattern of GPT-2, RoBERTa and the ByteLevel pre-tokenizer:
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// Every character is part of a match.
func scanGPT2(text string, at int) int {
	if end := contraction(text, at, false); end > at {
		return end
	}
	word := at
	if text[at] == ' ' {
		word++
	}
	c, n := classAt(text, word)
	switch {
	case n == 0 || c&classSpace != 0:
		return blanks(text, at)
	case c&classLetter != 0:
		return run(text, word+n, classLetter)
	case c&classNumber != 0:
		return run(text, word+n, classNumber)
	}
	return runWithout(text, word+n, classSpace|classLetter|classNumber)
}
