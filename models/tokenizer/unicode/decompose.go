package unicode

import (
	"slices"
	"unicode/utf8"
)

// Hangul syllables (composed by rule, Unicode Standard section 3.12).
const (
	hangulS, hangulL, hangulV, hangulT = 0xAC00, 0x1100, 0x1161, 0x11A7

	hangulLCount, hangulVCount, hangulTCount = 19, 21, 28

	hangulSCount = hangulLCount * hangulVCount * hangulTCount
)

// decomposer appends decompositions, with the marks of each run in canonical order.
type decomposer struct {
	out      []Mapped
	marks    int   // out[marks:] is the run of marks at the end
	class    uint8 // of the last of them
	unsorted bool
}

func appendDecomposed(dst []Mapped, s string, compatible bool) []Mapped {
	d := decomposer{out: dst, marks: len(dst)}
	flag := uint32(flagNFD)
	if compatible {
		flag = flagNFKD
	}
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			d.starter(rune(s[i]), 0)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case wideProperties(r)&flag == 0:
			d.starter(r, 0)
		case uint32(r-hangulS) < hangulSCount:
			d.hangul(r - hangulS)
		default:
			d.decompose(r, compatible)
		}
	}
	d.sort()
	return d.out
}

func (d *decomposer) starter(r rune, change int32) {
	if d.unsorted {
		d.sort()
	}
	d.out = append(d.out, Mapped{r, change})
	d.marks, d.class = len(d.out), 0
}

func (d *decomposer) push(r rune, change int32) {
	class := CombiningClass(r)
	if class == 0 {
		d.starter(r, change)
		return
	}
	if class < d.class {
		d.unsorted = true
	}
	d.class = class
	d.out = append(d.out, Mapped{r, change})
}

// sort puts the run of marks at the end in order of their classes. It is stable, and not quadratic on long runs.
func (d *decomposer) sort() {
	if d.unsorted {
		slices.SortStableFunc(d.out[d.marks:], func(a, b Mapped) int {
			return int(CombiningClass(a.Rune)) - int(CombiningClass(b.Rune))
		})
		d.unsorted = false
	}
}

func (d *decomposer) hangul(index rune) {
	d.starter(hangulL+index/(hangulVCount*hangulTCount), 0)
	d.starter(hangulV+index/hangulTCount%hangulVCount, 1)
	if t := index % hangulTCount; t > 0 {
		d.starter(hangulT+t, 1)
	}
}

func (d *decomposer) decompose(r rune, compatible bool) {
	parts := decomposition(r, compatible)
	if parts == "" {
		d.push(r, 0)
		return
	}
	change := int32(0)
	for _, part := range parts {
		d.push(part, change)
		change = 1
	}
}

// decomposition is the full decomposition of r, empty if it has none of the kind.
func decomposition(r rune, compatible bool) string {
	if uint32(r) >= decompositionLimit {
		return ""
	}
	at := int(decompositionBlocks[int(decompositionIndex[r>>6])<<6|int(r&63)])
	// An entry: the size of the canonical decomposition, that of the other one or 0 if it is the same, and both.
	if at == 0 {
		return ""
	}
	canonical, other := int(decompositionData[at]), int(decompositionData[at+1])
	if compatible && other > 0 {
		return decompositionData[at+2+canonical : at+2+canonical+other]
	}
	return decompositionData[at+2 : at+2+canonical]
}
