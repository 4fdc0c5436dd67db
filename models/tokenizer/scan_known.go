package tokenizer

import "strings"

// The patterns that have a scanner, as the files of the models spell them.
const (
	patternGPT2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

	patternLlama3 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}` +
		`| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

	patternQwen2 = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}` +
		`| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

	patternO200k = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+` +
		`(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+` +
		`[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}` +
		`| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`

	patternDeepSeek = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+" +
		`|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

	patternDigits3 = `\p{N}{1,3}`

	patternCLIPSpecial = `<\|startoftext\|>|<\|endoftext\|>|` + patternCLIP

	patternCLIP = `'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`
)

// knownPattern is the scanner of a pattern, nil for none.
func knownPattern(pattern string) scanner {
	switch pattern {
	case patternGPT2:
		return scanGPT2
	case patternLlama3:
		return scanLlama3
	case patternQwen2:
		return scanQwen2
	case patternO200k:
		return scanO200k
	case patternDeepSeek:
		return scanDeepSeek
	case patternDigits3:
		return scanDigits3
	case patternCLIP:
		return scanCLIP
	case patternCLIPSpecial:
		return scanCLIPSpecial
	}
	return nil
}

func scanLlama3(text string, at int) int { return scanCL100k(text, at, 3) }
func scanQwen2(text string, at int) int  { return scanCL100k(text, at, 1) }

// scanCL100k is patternLlama3, for numbers of so many digits. Every character is part of a match.
func scanCL100k(text string, at, digits int) int {
	if end := contraction(text, at, true); end > at {
		return end
	}
	c, n := classAt(text, at)
	switch {
	case c&classLetter != 0:
		return run(text, at+n, classLetter)
	case c&classNumber != 0:
		return numbers(text, at, digits)
	case c&classNewline == 0: // [^\r\n\p{L}\p{N}]\p{L}+
		if end := run(text, at+n, classLetter); end > at+n {
			return end
		}
	}
	if end := others(text, at, classSpace|classLetter|classNumber); end > at {
		return run(text, end, classNewline)
	}
	if end := lines(text, at); end > at {
		return end
	}
	return blanks(text, at)
}

// numbers is where at most so many digits end.
func numbers(text string, at, most int) int {
	for range most {
		c, n := classAt(text, at)
		if c&classNumber == 0 {
			break
		}
		at += n
	}
	return at
}

// others is the match of ` ?[^...]+` with what is in none of the classes; the space is one of them.
func others(text string, at int, not class) int {
	start := at
	if text[at] == ' ' {
		start++
	}
	if end := runWithout(text, start, not); end > start {
		return end
	}
	return at
}

// scanO200k is patternO200k. Every character is part of a match.
func scanO200k(text string, at int) int {
	c, n := classAt(text, at)
	if c&(classNewline|classLetter|classNumber) == 0 {
		if end := wordO200k(text, at+n); end > at+n {
			return contraction(text, end, true)
		}
	}
	if end := wordO200k(text, at); end > at {
		return contraction(text, end, true)
	}
	if c&(classNewline|classLetter|classNumber) == 0 {
		if end := capitals(text, at+n); end > at+n {
			return contraction(text, end, true)
		}
	}
	if end := capitals(text, at); end > at {
		return contraction(text, end, true)
	}
	if end := numbers(text, at, 3); end > at {
		return end
	}
	if end := others(text, at, classSpace|classLetter|classNumber); end > at {
		for end < len(text) && (text[end] == '\r' || text[end] == '\n' || text[end] == '/') {
			end++
		}
		return end
	}
	if end := lines(text, at); end > at {
		return end
	}
	return blanks(text, at)
}

// Letters and marks that have no case belong to both of patternO200k's kinds.
func notLower(c class) bool { return c&(classLetter|classMark) != 0 && c&classLower == 0 }
func notUpper(c class) bool { return c&(classLetter|classMark) != 0 && c&classUpper == 0 }

// wordO200k is the match of [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+ at byte at.
func wordO200k(text string, at int) int {
	upper, both := at, at // both: the end of the last character of the run that has no case
	for {
		c, n := classAt(text, upper)
		if !notLower(c) {
			break
		}
		upper += n
		if notUpper(c) {
			both = upper
		}
	}
	end := upper
	for {
		c, n := classAt(text, end)
		if !notUpper(c) {
			break
		}
		end += n
	}
	if end > upper {
		return end
	}
	return both // what is after it goes back
}

// capitals is the match of [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]* at byte at, where wordO200k has
// found nothing: then no lower case follows.
func capitals(text string, at int) int {
	for {
		c, n := classAt(text, at)
		if !notLower(c) {
			return at
		}
		at += n
	}
}

// scanDigits3 is patternDigits3.
func scanDigits3(text string, at int) int { return numbers(text, at, 3) }

// scanDeepSeek is patternDeepSeek.
func scanDeepSeek(text string, at int) int {
	c, n := classAt(text, at)
	if n == 1 && c&classSymbol != 0 {
		end := at + 1
		for end < len(text) && isASCIILetter(text[end]) {
			end++
		}
		if end > at+1 {
			return end
		}
	}
	word := at
	if c&(classLetter|classMark|classNewline|classSymbol) == 0 {
		word += n
	}
	if end := run(text, word, classLetter|classMark); end > word {
		return end
	}
	start := at
	if text[at] == ' ' {
		start++
	}
	if end := run(text, start, classSymbol); end > start {
		return run(text, end, classNewline)
	}
	if c&classSpace == 0 {
		return at
	}
	if end := lines(text, at); end > at {
		return end
	}
	return blanks(text, at)
}

func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// scanCLIPSpecial is patternCLIPSpecial.
func scanCLIPSpecial(text string, at int) int {
	if text[at] == '<' {
		for _, special := range []string{"<|startoftext|>", "<|endoftext|>"} {
			if strings.HasPrefix(text[at:], special) {
				return at + len(special)
			}
		}
	}
	return scanCLIP(text, at)
}

// scanCLIP is patternCLIP.
func scanCLIP(text string, at int) int {
	if end := contraction(text, at, false); end > at {
		return end
	}
	c, n := classAt(text, at)
	switch {
	case c&classLetter != 0:
		return run(text, at+n, classLetter)
	case c&classNumber != 0:
		return at + n
	}
	return runWithout(text, at, classSpace|classLetter|classNumber)
}
