package tokenizer

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
)

// scanPatterns are all patterns that have a scanner.
var scanPatterns = map[string]string{
	"GPT-2": patternGPT2, "Llama 3": patternLlama3, "Qwen2": patternQwen2, "o200k": patternO200k,
	"DeepSeek": patternDeepSeek, "digits": patternDigits3, "CLIP": patternCLIP, "CLIP special": patternCLIPSpecial,
}

// randomText is text over characters of every class that the patterns tell apart. They are as old as Unicode 6, so
// that every engine knows them.
func randomText(r *rand.Rand) string {
	chars := []rune("aZ'sStTreREvVmMlLdDſ09½²Ⅷ٣ \t\r\n\u00a0\u3000\u2028\x85éÉßǅʰªא中あーｱ\u0301\u093f\u200d!?.,/<|>_-«€+😀\x00\u00ad\ue000")
	var b strings.Builder
	for range r.IntN(40) {
		c := chars[r.IntN(len(chars))]
		for range 1 + r.IntN(3)*r.IntN(2) {
			b.WriteRune(c)
		}
	}
	if r.IntN(8) == 0 {
		b.WriteString("<|endoftext|>it's I'LL")
	}
	return b.String()
}

// TestScanners holds every scanner against the regular expression engine, and that against regexp2.
func TestScanners(t *testing.T) {
	t.Parallel()
	for name, pattern := range scanPatterns {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scan := knownPattern(pattern)
			if scan == nil {
				t.Fatal("the pattern has no scanner")
			}
			re, err := newRegex(pattern)
			if err != nil {
				t.Fatal(err)
			}
			other := regexp2.MustCompile(pattern, regexp2.None)
			r := rand.New(rand.NewPCG(5, 6))
			for range 3000 {
				text := randomText(r)
				scanned := slices.Clone(mustCut(t, scan, text))
				matched := mustCut(t, re, text)
				if !slices.Equal(scanned, matched) {
					t.Fatalf("%q\n scanner %v\n  engine %v", text, scanned, matched)
				}
				if strings.Contains(text, "'ſ") {
					continue // regexp2 does not take ſ for an s; Oniguruma does
				}
				if reference := regexp2Cuts(t, other, text); !slices.Equal(matched, reference) {
					t.Fatalf("%q\n  engine %v\nregexp2 %v", text, matched, reference)
				}
			}
		})
	}
}

func mustCut(t *testing.T, f finder, text string) []cut {
	t.Helper()
	cuts, err := f.cuts(new(scratch), text)
	if err != nil {
		t.Fatal(err)
	}
	return cuts
}

func regexp2Cuts(t *testing.T, re *regexp2.Regexp, text string) []cut {
	t.Helper()
	starts := []int{}
	for i := range text {
		starts = append(starts, i)
	}
	starts = append(starts, len(text))
	var cuts []cut
	at := 0
	m, err := re.FindStringMatch(text)
	for ; m != nil && err == nil; m, err = re.FindNextMatch(m) {
		start, end := starts[m.Index], starts[m.Index+m.Length]
		if at < start {
			cuts = append(cuts, cut{at, start, false})
		}
		cuts = append(cuts, cut{start, end, true})
		at = end
	}
	if err != nil {
		t.Fatal(err)
	}
	if at < len(text) {
		cuts = append(cuts, cut{at, len(text), false})
	}
	return cuts
}
