package unicode

import "strings"

// random is xorshift64*, as in sequences.py.
type random uint64

func (x *random) below(n int) int {
	v := uint64(*x)
	v ^= v >> 12
	v ^= v << 25
	v ^= v >> 27
	*x = random(v)
	return int(v * 2685821657736338717 % (1 << 32) % uint64(n))
}

// sequenceRanges are RANGES of sequences.py.
var sequenceRanges = [][2]rune{
	{0x20, 0x7E}, {0xA0, 0x17F}, {0x1CD, 0x233}, {0x300, 0x36F}, {0x370, 0x3FF}, {0x483, 0x487}, {0x591, 0x5F4},
	{0x600, 0x6FF}, {0x900, 0xDFF}, {0xE00, 0xFFF}, {0x1000, 0x109F}, {0x1100, 0x11FF}, {0x1AB0, 0x1AFF},
	{0x1DC0, 0x1DFF}, {0x1E00, 0x1FFF}, {0x2000, 0x20F0}, {0x2100, 0x214F}, {0x231A, 0x2328}, {0x3040, 0x30FF},
	{0x3131, 0x318E}, {0x3200, 0x33FF}, {0xA960, 0xA97C}, {0xAC00, 0xD7FB}, {0xF900, 0xFAFF}, {0xFB00, 0xFDFF},
	{0xFE00, 0xFE2F}, {0xFF00, 0xFFEF}, {0x11000, 0x114FF}, {0x1D15E, 0x1D1C0}, {0x1F1E6, 0x1F1FF},
	{0x1F300, 0x1F6FF}, {0x16D40, 0x16D79}, {0x2F800, 0x2FA1D}, {0x94D, 0x94D}, {0x200B, 0x200F}, {0x9, 0xD},
	{0x2600, 0x27BF}, {0x1ACF, 0x1AEB}, {0x11A00, 0x11A47}, {0xA9, 0xAE},
}

const sequenceCount = 20000

func sequences(seed random) []string {
	texts := make([]string, sequenceCount)
	for i := range texts {
		var pools [2][2]rune
		for k := range pools {
			pools[k] = sequenceRanges[seed.below(len(sequenceRanges))]
		}
		points := make([]rune, 1+seed.below(12))
		for k := range points {
			pool := pools[seed.below(2)]
			points[k] = pool[0] + rune(seed.below(int(pool[1]-pool[0]+1)))
		}
		texts[i] = string(points)
	}
	return texts
}

// sequenceDigests are digests of sequences.py.
func sequenceDigests() map[string]string {
	out := map[string]string{}
	texts := sequences(1)
	for name, form := range forms {
		if name == "Lowercase" {
			continue
		}
		var data []byte
		for _, text := range texts {
			data = append(append(data, form(text)...), 0)
		}
		out["sequences "+name] = shortHash(data)
	}
	var data []byte
	for _, text := range sequences(2) {
		data = append(append(data, showGraphemes(text)...), 0)
	}
	out["sequences graphemes"] = shortHash(data)
	data = data[:0]
	for _, text := range sequences(2) {
		for pos := 0; pos < len(text); {
			n, _ := RegexGrapheme(text, pos)
			data = append(data, map[bool]byte{true: '\n', false: '1'}[text[pos] == '\n'])
			pos += n
		}
		data = append(data, 0)
	}
	out[`sequences \X`] = shortHash(data)
	return out
}

// showGraphemes writes what grapheme_counter of probe.py does: '1' for a grapheme under six bytes, '1' for each
// character of a longer one; its charsmap has no rule that begins with a newline.
func showGraphemes(s string) string {
	var b strings.Builder
	for s != "" {
		n := NextGrapheme(s)
		g := s[:n]
		s = s[n:]
		if n < 6 && g[0] != '\n' {
			b.WriteByte('1')
			continue
		}
		for _, r := range g {
			if r == '\n' {
				b.WriteByte('\n')
			} else {
				b.WriteByte('1')
			}
		}
	}
	return b.String()
}
