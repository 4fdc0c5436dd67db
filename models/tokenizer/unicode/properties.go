// Package unicode is Unicode as the Rust library `tokenizers` sees it, which is no single version of the standard: its
// crates and its regex engine each bring tables of their own, and Go's differ from all of them. The tables are made by
// generate.py from what the Python library of the same name does with every code point, and tested against digests
// of that. The package has no init work; every predicate is one table load for ASCII.
package unicode

// Flags of a row of propertyRows, in the order of FLAGS and CHANGES in generate.py; the category is below them.
const (
	flagPunct = 1 << (5 + iota)
	flagControl
	flagMarkNonspacing
	flagCombiningMark
	flagWhitespace
	flagNumeric
	flagRegexWord
	flagWord
	flagDigit
	// Not certain to stay as it is, alone or next to others, under each form; lowercase differs.
	flagNFD
	flagNFC
	flagNFKD
	flagNFKC
	flagLower
)

func properties(r rune) uint32 {
	if uint32(r) < uint32(len(asciiProperties)) {
		return asciiProperties[r]
	}
	return wideProperties(r)
}

func wideProperties(r rune) uint32 {
	if uint32(r) < propertyLimit {
		return propertyRows[propertyBlocks[int(propertyIndex[r>>6])<<6|int(r&63)]-32]
	}
	return propertyRows[inSpans(r, propertyHigh[:])]
}

// IsPunct reports what the Bert and Punctuation pre-tokenizers split off: ASCII punctuation, and \p{P} of the
// crate unicode_categories.
func IsPunct(r rune) bool { return properties(r)&flagPunct != 0 }

// IsControl reports what BertNormalizer's clean_text removes: U+0000, U+FFFD and the C category of the crate
// unicode_categories (without unassigned code points) but tab, newline and carriage return.
func IsControl(r rune) bool { return properties(r)&flagControl != 0 }

// IsMarkNonspacing reports what BertNormalizer's strip_accents removes after NFD: Mn of the crate unicode_categories.
func IsMarkNonspacing(r rune) bool { return properties(r)&flagMarkNonspacing != 0 }

// IsCombiningMark reports what the StripAccents normalizer removes.
func IsCombiningMark(r rune) bool { return properties(r)&flagCombiningMark != 0 }

// IsWhitespace reports Rust's char::is_whitespace: for WhitespaceSplit, Strip, BertNormalizer and BertPreTokenizer.
func IsWhitespace(r rune) bool { return properties(r)&flagWhitespace != 0 }

// IsSpace reports \s of Oniguruma. The generator makes sure that it is the same set as IsWhitespace.
func IsSpace(r rune) bool { return IsWhitespace(r) }

// IsRegexSpace reports \s of Rust's crate regex: for Whitespace and for added tokens that strip around themselves. The
// generator makes sure that it is the same set as IsWhitespace.
func IsRegexSpace(r rune) bool { return IsWhitespace(r) }

// IsNumeric reports Rust's char::is_numeric: for Digits.
func IsNumeric(r rune) bool { return properties(r)&flagNumeric != 0 }

// IsRegexWord reports \w of Rust's crate regex: for Whitespace, and for added tokens that match single words.
func IsRegexWord(r rune) bool { return properties(r)&flagRegexWord != 0 }

// IsWord reports \w, \p{Word} and what \b looks at of Oniguruma outside of brackets: for Split and Replace.
func IsWord(r rune) bool { return properties(r)&flagWord != 0 }

// IsClassWord reports \w of Oniguruma inside brackets, [\w], which leaves out the superscripts and fractions of
// Latin-1 that \w alone has.
func IsClassWord(r rune) bool {
	switch r {
	case '²', '³', '¹', '¼', '½', '¾':
		return false
	}
	return IsWord(r)
}

// IsDigit reports \d of Oniguruma.
func IsDigit(r rune) bool { return properties(r)&flagDigit != 0 }

// IsCJK reports the ideographs that BertNormalizer's handle_chinese_chars sets between spaces. (Its range for extension
// E begins at U+2B920, not at U+2B820: that is the library's.)
func IsCJK(r rune) bool {
	if r < 0x3400 {
		return false
	}
	return r <= 0x4DBF || 0x4E00 <= r && r <= 0x9FFF || 0xF900 <= r && r <= 0xFAFF ||
		0x20000 <= r && r <= 0x2A6DF || 0x2A700 <= r && r <= 0x2B73F || 0x2B740 <= r && r <= 0x2B81F ||
		0x2B920 <= r && r <= 0x2CEAF || 0x2F800 <= r && r <= 0x2FA1F
}
