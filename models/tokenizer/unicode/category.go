package unicode

// Cat is a general category (Unicode Standard, table 4-4), as the Oniguruma regex engine of the library has it.
type Cat uint8

// The general categories. Cn is unassigned; Cs are the surrogates, which no valid text has.
const (
	Lu Cat = iota
	Ll
	Lt
	Lm
	Lo
	Mn
	Mc
	Me
	Nd
	Nl
	No
	Pc
	Pd
	Ps
	Pe
	Pi
	Pf
	Po
	Sm
	Sc
	Sk
	So
	Zs
	Zl
	Zp
	Cc
	Cf
	Cs
	Co
	Cn
)

// Category is the general category of r.
func Category(r rune) Cat { return Cat(properties(r) & 31) }

const (
	letters      = 1<<Lu | 1<<Ll | 1<<Lt | 1<<Lm | 1<<Lo
	marks        = 1<<Mn | 1<<Mc | 1<<Me
	numbers      = 1<<Nd | 1<<Nl | 1<<No
	punctuations = 1<<Pc | 1<<Pd | 1<<Ps | 1<<Pe | 1<<Pi | 1<<Pf | 1<<Po
	symbols      = 1<<Sm | 1<<Sc | 1<<Sk | 1<<So
	separators   = 1<<Zs | 1<<Zl | 1<<Zp
)

// IsLetter reports \p{L} of Oniguruma.
func IsLetter(r rune) bool { return 1<<(properties(r)&31)&letters != 0 }

// IsMark reports \p{M} of Oniguruma.
func IsMark(r rune) bool { return 1<<(properties(r)&31)&marks != 0 }

// IsNumber reports \p{N} of Oniguruma.
func IsNumber(r rune) bool { return 1<<(properties(r)&31)&numbers != 0 }

// IsPunctuation reports \p{P} of Oniguruma. For the Bert and Punctuation pre-tokenizers see IsPunct.
func IsPunctuation(r rune) bool { return 1<<(properties(r)&31)&punctuations != 0 }

// IsSymbol reports \p{S} of Oniguruma.
func IsSymbol(r rune) bool { return 1<<(properties(r)&31)&symbols != 0 }

// IsSeparator reports \p{Z} of Oniguruma.
func IsSeparator(r rune) bool { return 1<<(properties(r)&31)&separators != 0 }

// IsUpper reports \p{Lu} of Oniguruma.
func IsUpper(r rune) bool { return Category(r) == Lu }

// IsLower reports \p{Ll} of Oniguruma.
func IsLower(r rune) bool { return Category(r) == Ll }

// IsTitle reports \p{Lt} of Oniguruma.
func IsTitle(r rune) bool { return Category(r) == Lt }

// IsModifier reports \p{Lm} of Oniguruma.
func IsModifier(r rune) bool { return Category(r) == Lm }

// IsOtherLetter reports \p{Lo} of Oniguruma.
func IsOtherLetter(r rune) bool { return Category(r) == Lo }
