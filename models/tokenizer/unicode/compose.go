package unicode

// recompose composes out[start:], which is decomposed, in place. (Canonical Composition Algorithm, Unicode Standard
// section 3.11; the changes add up as in the crate: what is composed counts as one code point of the source less.)
func recompose(out []Mapped, start int) []Mapped {
	const none = -1
	write, starter, class := start, none, none
	for _, m := range out[start:] {
		own := int(CombiningClass(m.Rune))
		if starter != none && (class == none || class < own) {
			if r, ok := compose(out[starter].Rune, m.Rune); ok {
				out[starter] = Mapped{r, out[starter].Change + m.Change - 1}
				continue
			}
		}
		switch {
		case own == 0:
			starter, class = write, none
		case starter != none:
			class = own
		}
		out[write] = m
		write++
	}
	return out[:write]
}

// compose is the code point that a and b compose to.
func compose(a, b rune) (rune, bool) {
	if properties(b)&flagNFC == 0 {
		return 0, false
	}
	if l, v := a-hangulL, b-hangulV; 0 <= l && l < hangulLCount && 0 <= v && v < hangulVCount {
		return hangulS + (l*hangulVCount+v)*hangulTCount, true
	}
	if s, t := a-hangulS, b-hangulT; 0 <= s && s < hangulSCount && s%hangulTCount == 0 && 0 < t && t < hangulTCount {
		return a + t, true
	}
	lo, hi := 0, len(compositions)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch c := &compositions[mid]; {
		case a < c[0] || a == c[0] && b < c[1]:
			hi = mid
		case a != c[0] || b != c[1]:
			lo = mid + 1
		default:
			return c[2], true
		}
	}
	return 0, false
}
