package unicode

// The two-stage tables (tables_*.go) are an index of blocks of 64 code points, and the blocks as text, in which each
// value lies 32 higher: text is small in source, and constant. Code points from the table's limit on that have a value
// lie in a few spans.

// span is a range of code points, both ends included, with one value.
type span struct {
	lo, hi rune
	value  uint16
}

// inSpans is the value of the span that holds r, 0 if none does, for a short list.
func inSpans(r rune, spans []span) uint16 {
	for _, s := range spans {
		if s.lo <= r && r <= s.hi {
			return s.value
		}
	}
	return 0
}

// findSpan is inSpans for a long sorted list.
func findSpan(r rune, spans []span) uint16 {
	lo, hi := 0, len(spans)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch s := &spans[mid]; {
		case r < s.lo:
			hi = mid
		case r > s.hi:
			lo = mid + 1
		default:
			return s.value
		}
	}
	return 0
}
