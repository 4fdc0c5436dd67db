package tokenizer_test

import (
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// fragments are what random texts are made of: each line is a kind, and kinds meet at every boundary.
var fragments = [][]string{
	strings.Fields("the The THE and of cats running Unbelievable internationalization x y z a I e-mail state-of-the-art"),
	strings.Fields("'s 't 're 've 'm 'll 'd 'S 'T 'LL 'ſ ’s ' '' `` \" “ ” ‘ ’"),
	strings.Fields(". , ; : ! ? ... !? -- - _ ( ) [ ] { } < > / \\ | @ # $ % ^ & * + = ~ ` § © « » ¿ ¡ • … — – ₹ €"),
	{" ", " ", " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", "\u00a0", "\u3000", "\u2009", "\u2028", "\u0085", "\v", "\f", "\r"},
	strings.Fields("0 1 12 123 1234 12345 3.14 1,000 ½ ² ³ ① Ⅷ ٣ ४ ๔ ３ 〇 一 𝟏"),
	strings.Fields("é É à ç ñ ö Ü ß ẞ İ ı Å ﬁ ſ ŉ ǆ ệ Việt Straße Łódź ÇA Ωμέγα ΣΑΣ ς Привет Ёж ъ Դ ქ Ꭰ ꭰ"),
	{"e\u0301", "\u0301", "\u0323", "\u0302\u0301", "a\u0308\u0304", "\u093c", "\u3099", "\u20dd", "\u0338", "\u034f", "\u0345"},
	strings.Fields("中 文 北京 龍 㐀 𠀀 豈 ひ ら がな カ タカナ ﾊﾝｶｸ ー 々 。 、 「 」 ！ ＡＢ １ 한 국어 각 ㄱ"),
	{"\u1100\u1161\u11a8", "\u1112", "\uac00", "\u11a8", "ᄀ", "ㅎㅎ"},
	strings.Fields("ก ำ น้ำ ไทย ລາວ မြန် ខ្មែរ क्ष हिन्दी ত্য தமிழ் മല དབྱ"),
	strings.Fields("مرحبا ب مَ لا ـ ، ؟ שלום שָׁ ך ٪ ﷺ"),
	{"😀", "👍🏽", "👩‍💻", "👨‍👩‍👧", "🏳️‍🌈", "🇩🇪", "🇫", "\u200d", "\ufe0f", "☕", "1️⃣", "❤️", "🏽"},
	{"\x00", "\x01", "\x07", "\x1b", "\x7f", "\u0080", "\u200b", "\u200c", "\u200e", "\ufeff", "\ufffd", "\u00ad", "\ue000", "\U000f0000", "\uffff", "\u0378"},
	{"▁", "▁the", "Ġ", "##s", "</w>", "<0x41>", "<0xE9>", "_", "<", ">", "[", "]", "<|", "|>"},
}

// maker makes texts from a seed.
type maker struct {
	rng    *rand.Rand
	short  bool     // no very long texts
	tokens []string // special and other added tokens of the tokenizer, and entries of its vocabulary
}

func newMaker(name string, tokens []string) *maker {
	h := fnv.New64a()
	h.Write([]byte(name))
	return &maker{rng: rand.New(rand.NewPCG(20261123, h.Sum64())), tokens: tokens}
}

func (m *maker) text() string {
	var b strings.Builder
	kinds := make([]int, 1+m.rng.IntN(4))
	for i := range kinds {
		kinds[i] = m.rng.IntN(len(fragments) + 3)
	}
	if !m.short && m.rng.IntN(120) == 0 { // a very long word, or run of spaces, or of marks
		return m.fragment(kinds[0]) + strings.Repeat(m.fragment(m.rng.IntN(len(fragments))), 200+m.rng.IntN(400)) + m.fragment(kinds[0])
	}
	for range 1 + m.rng.IntN(14) {
		b.WriteString(m.fragment(kinds[m.rng.IntN(len(kinds))]))
		if m.rng.IntN(4) == 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func (m *maker) fragment(kind int) string {
	switch {
	case kind < len(fragments):
		pool := fragments[kind]
		return pool[m.rng.IntN(len(pool))]
	case kind == len(fragments) && len(m.tokens) > 0:
		token := m.tokens[m.rng.IntN(len(m.tokens))]
		if m.rng.IntN(6) == 0 {
			return strings.ToUpper(token)
		}
		return token
	case kind == len(fragments)+1:
		letters := make([]byte, 1+m.rng.IntN(9))
		for i := range letters {
			letters[i] = "etaoinshrdlucmfwypvbgkjqxzETAOIN"[m.rng.IntN(32)]
		}
		return string(letters)
	}
	return string(m.codePoint())
}

// codePoint is any code point, the lower planes more often.
func (m *maker) codePoint() rune {
	limits := []rune{0x80, 0x250, 0x800, 0x3000, 0x10000, 0x1FB00, 0x32400, utf8.MaxRune + 1}
	for {
		if r := m.rng.Int32N(limits[m.rng.IntN(len(limits))]); utf8.ValidRune(r) {
			return r
		}
	}
}
