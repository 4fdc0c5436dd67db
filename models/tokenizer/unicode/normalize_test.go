package unicode

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

var appends = map[string]func([]Mapped, string) []Mapped{
	"NFC": AppendNFC, "NFD": AppendNFD, "NFKC": AppendNFKC, "NFKD": AppendNFKD,
}

var quicks = map[string]func(string) bool{
	"NFC": QuickNFC, "NFD": QuickNFD, "NFKC": QuickNFKC, "NFKD": QuickNFKD,
}

func TestAppendChanges(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		form, text string
		want       []Mapped
	}{
		{"NFD", "a", []Mapped{{'a', 0}}},
		{"NFD", "é", []Mapped{{'e', 0}, {0x301, 1}}},
		{"NFD", "각", []Mapped{{0x1100, 0}, {0x1161, 1}, {0x11A8, 1}}},
		{"NFC", "e\u0301", []Mapped{{'é', -1}}},
		{"NFC", "é", []Mapped{{'é', 0}}},
		{"NFC", "\u1100\u1161\u11A8x", []Mapped{{'각', -2}, {'x', 0}}},
		// The mark of class 220 sorts before that of 230, and the pairs go with their code points.
		{"NFD", "é\u0323", []Mapped{{'e', 0}, {0x323, 0}, {0x301, 1}}},
		{"NFC", "a\u0302\u0323", []Mapped{{'ậ', -2}}},
		{"NFKD", "ﬁ", []Mapped{{'f', 0}, {'i', 1}}},
		{"NFKC", "ﬁ²", []Mapped{{'f', 0}, {'i', 1}, {'2', 0}}},
		{"NFC", "\u0301\u0301", []Mapped{{0x301, 0}, {0x301, 0}}},
	} {
		if got := appends[test.form](nil, test.text); !slices.Equal(got, test.want) {
			t.Errorf("%s of %+q: %v, want %v", test.form, test.text, got, test.want)
		}
	}
	if got := AppendNFC([]Mapped{{'a', 0}}, "\u0301"); len(got) != 2 {
		t.Errorf("AppendNFC composed with what was there before: %v", got)
	}
}

// TestQuickMeansUnchanged: where Quick says so, the pairs are the text itself.
func TestQuickMeansUnchanged(t *testing.T) {
	t.Parallel()
	texts := sequences(3)
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if all(r) {
			texts = append(texts, string(r))
		}
	}
	for name, quick := range quicks {
		passed := 0
		for _, text := range texts {
			if !quick(text) {
				continue
			}
			passed++
			same := make([]Mapped, 0, len(text))
			for _, r := range text {
				same = append(same, Mapped{r, 0})
			}
			if got := appends[name](nil, text); !slices.Equal(got, same) {
				t.Errorf("Quick%s holds for %+q, which becomes %v", name, text, got)
			}
		}
		if passed < len(texts)/2 {
			t.Errorf("Quick%s holds for only %d of %d texts", name, passed, len(texts))
		}
	}
}

// TestLongRunOfMarks would take minutes if the marks were put in order one by one.
func TestLongRunOfMarks(t *testing.T) {
	t.Parallel()
	const n = 1 << 19
	got := AppendNFKC(nil, "a"+strings.Repeat("\u0345\u0323", n))
	if len(got) != 2*n || got[0].Rune != 'ạ' || got[1].Rune != 0x323 || got[len(got)-1].Rune != 0x345 {
		t.Fatalf("%d marks, beginning with %v", len(got), got[:2])
	}
}

func TestNextGrapheme(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, first string }{
		{"", ""}, {"a", "a"}, {"ab", "a"}, {"\r\nx", "\r\n"}, {"\n\r", "\n"}, {"e\u0301x", "e\u0301"},
		{"\u0600a", "\u0600a"}, {"\u1100\u1161\u11A8\u1100", "\u1100\u1161\u11A8"}, {"👩\u200d👩\u200d👦👦", "👩\u200d👩\u200d👦"},
		{"🇩🇪🇫", "🇩🇪"}, {"👍🏽x", "👍🏽"}, {"क\u094dतक", "क\u094dत"}, {"\u200d👩", "\u200d"}, {"\u00a0\u0301", "\u00a0\u0301"},
	} {
		if n := NextGrapheme(test.text); test.text[:n] != test.first {
			t.Errorf("the first grapheme of %+q is %+q, want %+q", test.text, test.text[:n], test.first)
		}
	}
}

func TestCaseVariants(t *testing.T) {
	t.Parallel()
	for r, want := range map[rune]string{
		's': "Ss\u017f", '\u017f': "Ss\u017f", 'K': "Kk\u212a", '1': "1", ' ': " ", 'É': "Éé", 0xFFFD: "\uFFFD",
	} {
		if got := string(CaseVariants(r)); got != want {
			t.Errorf("CaseVariants(%q) = %q, want %q", r, got, want)
		}
	}
}

func TestPropertyNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"L", "Letter", "uppercase_letter", "Upper-Case Letter", "Han", "HIRAGANA", "InArrows"} {
		if ranges, ok := Property(name); !ok || len(ranges) == 0 {
			t.Errorf("no property %q", name)
		}
	}
	for _, name := range []string{"", "Nothing", "L=", "gc=L", "\n", "^L", "Script=Han"} {
		if _, ok := Property(name); ok {
			t.Errorf("a property %q", name)
		}
	}
}

// TestOutsideUnicode: no predicate panics on what is no code point.
func TestOutsideUnicode(t *testing.T) {
	t.Parallel()
	for _, r := range []rune{-1, 0xD800, 0xDFFF, utf8.MaxRune + 1, 1<<31 - 1, -1 << 31} {
		for name, is := range predicates {
			if is(r) {
				t.Errorf("%s(%#x) holds", name, r)
			}
		}
		for _, class := range classes {
			class(r)
		}
		if got := AppendLower(nil, r); len(got) != 1 || got[0] != r {
			t.Errorf("AppendLower(%#x) = %v", r, got)
		}
		CaseVariants(r)
	}
}

var sink bool

func BenchmarkPredicates(b *testing.B) {
	const text = "The quick brown fox — Ærøskøbing, Ελληνικά, 日本語のテキスト and emoji 👍🏽"
	for b.Loop() {
		for _, r := range text {
			sink = IsPunct(r) || IsWhitespace(r)
		}
	}
}

func BenchmarkNFD(b *testing.B) {
	const text = "Việt Nam: tôi là sinh viên; déjà vu, Ærøskøbing und Größe, all of it in one sentence"
	var buf []Mapped
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		buf = AppendNFD(buf[:0], text)
	}
}
