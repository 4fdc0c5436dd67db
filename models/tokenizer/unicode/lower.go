package unicode

// lowerSpan are the code points from lo to hi, step apart, whose lowercase is delta away. (Those in between have none
// other: spans do not overlap.)
type lowerSpan struct {
	lo, hi, step, delta rune
}

// ToLower is Rust's char::to_lowercase where that is one code point; false for U+0130, the only one that becomes two.
func ToLower(r rune) (rune, bool) {
	if r < 0x80 {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r, true
	}
	if wideProperties(r)&flagLower == 0 {
		return r, true
	}
	lo, hi := 0, len(lowerSpans)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch s := &lowerSpans[mid]; {
		case r < s.lo:
			hi = mid
		case r > s.hi:
			lo = mid + 1
		default:
			return r + s.delta, true
		}
	}
	return r, false
}

// AppendLower appends Rust's char::to_lowercase of r to dst: one code point, or two for U+0130.
func AppendLower(dst []rune, r rune) []rune {
	lower, ok := ToLower(r)
	if !ok {
		return append(dst, 'i', 0x307)
	}
	return append(dst, lower)
}
