package unicode

import (
	"strings"
	"unicode/utf8"
)

// Mapped is a code point of a normalized text and what became of the source for it, which is what the Rust library
// keeps its offsets by: 0 replaces one code point of the source, +1 is inserted, -n replaces one and drops n more.
type Mapped struct {
	Rune   rune
	Change int32
}

// AppendNFD appends the canonical decomposition of s to dst: the pairs that the crate unicode-normalization-alignments
// yields. s is valid UTF-8.
func AppendNFD(dst []Mapped, s string) []Mapped { return appendDecomposed(dst, s, false) }

// AppendNFKD appends the compatibility decomposition of s to dst. s is valid UTF-8.
func AppendNFKD(dst []Mapped, s string) []Mapped { return appendDecomposed(dst, s, true) }

// AppendNFC appends the canonical composition of s to dst. s is valid UTF-8.
func AppendNFC(dst []Mapped, s string) []Mapped {
	return recompose(appendDecomposed(dst, s, false), len(dst))
}

// AppendNFKC appends the compatibility decomposition of s, canonically composed, to dst. s is valid UTF-8.
func AppendNFKC(dst []Mapped, s string) []Mapped {
	return recompose(appendDecomposed(dst, s, true), len(dst))
}

// NFD is the canonical decomposition of s.
func NFD(s string) string { return normalized(s, QuickNFD, AppendNFD) }

// NFC is the canonical composition of s.
func NFC(s string) string { return normalized(s, QuickNFC, AppendNFC) }

// NFKD is the compatibility decomposition of s.
func NFKD(s string) string { return normalized(s, QuickNFKD, AppendNFKD) }

// NFKC is the compatibility decomposition of s, canonically composed.
func NFKC(s string) string { return normalized(s, QuickNFKC, AppendNFKC) }

func normalized(s string, quick func(string) bool, form func([]Mapped, string) []Mapped) string {
	if quick(s) {
		return s
	}
	var b strings.Builder
	for _, m := range form(make([]Mapped, 0, len(s)), s) {
		b.WriteRune(m.Rune)
	}
	return b.String()
}

// QuickNFD reports whether NFD certainly leaves s as it is; if not, s may still be in NFD.
func QuickNFD(s string) bool { return quick(s, flagNFD) }

// QuickNFC reports whether NFC certainly leaves s as it is; if not, s may still be in NFC.
func QuickNFC(s string) bool { return quick(s, flagNFC) }

// QuickNFKD reports whether NFKD certainly leaves s as it is; if not, s may still be in NFKD.
func QuickNFKD(s string) bool { return quick(s, flagNFKD) }

// QuickNFKC reports whether NFKC certainly leaves s as it is; if not, s may still be in NFKC.
func QuickNFKC(s string) bool { return quick(s, flagNFKC) }

func quick(s string, flag uint32) bool {
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if wideProperties(r)&flag != 0 {
			return false
		}
		i += size
	}
	return true
}

// CombiningClass is the canonical combining class of r, 0 if r decomposes.
func CombiningClass(r rune) uint8 {
	if r < 0x300 || r >= classLimit {
		return 0
	}
	return classBlocks[int(classIndex[r>>6])<<6|int(r&63)] - 32
}
