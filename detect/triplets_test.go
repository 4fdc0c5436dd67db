package detect

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tensor"
)

// tripletWords splits into lower-case words, scripts without blanks into characters.
func tripletWords(text string) []string {
	var out []string
	word := ""
	end := func() {
		if word != "" {
			out = append(out, word)
		}
		word = ""
	}
	for _, r := range strings.ToLower(text) {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			end()
			out = append(out, string(r))
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			word += string(r)
		default:
			end()
		}
	}
	end()
	return out
}

func tripletGrams(text string) (out []string) {
	runes := []rune(" " + strings.ToLower(text) + " ")
	for i := range len(runes) - 2 {
		out = append(out, string(runes[i:i+3]))
	}
	return out
}

// bag hashes features into counts: a bag of words, or letters, as a vector.
func bag(features []string) []float32 {
	v := make([]float32, 1<<12)
	for _, f := range features {
		h := fnv.New32a()
		h.Write([]byte(f))
		v[h.Sum32()%uint32(len(v))]++
	}
	return v
}

// thrown gives each word a random vector and adds them up with a little weight on position: what a model of random
// weights amounts to.
func thrown(seed uint64) func(text string) []float32 {
	return func(text string) []float32 {
		v := make([]float32, 64)
		for p, w := range tripletWords(text) {
			h := fnv.New64a()
			h.Write([]byte(w))
			r := rand.New(rand.NewPCG(seed, h.Sum64()))
			for i := range v {
				v[i] += float32(r.NormFloat64() + 0.3*math.Sin(float64(p)*float64(i+1)/64))
			}
		}
		return v
	}
}

func tripletVectors(t *testing.T, english bool, vector func(string) []float32) []TripletVectors {
	t.Helper()
	all, err := Triplets()
	if err != nil {
		t.Fatal(err)
	}
	var out []TripletVectors
	for _, x := range all {
		if (x.Language == "en") == english {
			out = append(out, TripletVectors{vector(x.Anchor), vector(x.Paraphrase), vector(x.Other)})
		}
	}
	return out
}

// The promise of the set: without understanding, the paraphrase looks no nearer than the other.
func TestTripletsAreBalanced(t *testing.T) {
	t.Parallel()
	ways := map[string]func(string) []float32{
		"words":           func(s string) []float32 { return bag(tripletWords(s)) },
		"letters":         func(s string) []float32 { return bag(tripletGrams(s)) },
		"length":          func(s string) []float32 { return []float32{float32(utf8.RuneCountInString(s)), 1} },
		"words in number": func(s string) []float32 { return []float32{float32(len(tripletWords(s))), 1} },
	}
	for seed := range uint64(8) {
		ways["random "+string(rune('0'+seed))] = thrown(seed)
	}
	for name, vector := range ways {
		for _, english := range []bool{true, false} {
			triplets := tripletVectors(t, english, vector)
			e := DistanceByTriplets(triplets, tensor.Float32).Evidence.(TripletEvidence)
			for _, m := range e.Metrics {
				// 0.1 is 3.5 standard deviations of a fair coin for the 302, and 0.16 for the 120.
				if off := math.Abs(m.Accuracy - 0.5); off > 0.16 || english && off > 0.1 {
					t.Errorf("%s by %s, English %v: accuracy %.3f of %d", name, m.Metric, english, m.Accuracy, len(triplets))
				}
			}
		}
	}
	// The mean overlap itself is balanced, not its sign alone.
	for _, english := range []bool{true, false} {
		paraphrase, other := 0.0, 0.0
		triplets := tripletVectors(t, english, ways["words"])
		for _, x := range triplets {
			paraphrase += cosine(x.Anchor, x.Paraphrase) / float64(len(triplets))
			other += cosine(x.Anchor, x.Other) / float64(len(triplets))
		}
		if math.Abs(paraphrase-other) > 0.01 || paraphrase > 0.25 {
			t.Errorf("English %v: mean word overlap %.3f with the paraphrase, %.3f with the other", english, paraphrase, other)
		}
	}
}

func TestTripletsAreWhole(t *testing.T) {
	t.Parallel()
	all, err := Triplets()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	role := map[string]int{}
	others := map[string]int{}
	for _, x := range all {
		count[x.Language]++
		for _, s := range []string{x.Anchor, x.Paraphrase} {
			role[s]++
		}
		others[x.Other]++
		for _, s := range []string{x.Anchor, x.Paraphrase, x.Other} {
			if strings.TrimSpace(s) != s || len([]rune(s)) < 5 || !utf8.ValidString(s) {
				t.Errorf("%q is padded, too short or not UTF-8", s)
			}
		}
		if x.Other == x.Anchor || x.Other == x.Paraphrase {
			t.Errorf("%q is its own other", x.Other)
		}
	}
	for s, n := range role {
		if n != 1 {
			t.Errorf("%q stands in %d pairs", s, n)
		}
	}
	for s, n := range others {
		if n != 1 || role[s] != 1 {
			t.Errorf("%q is an other %d times, and a sentence of %d pairs", s, n, role[s])
		}
	}
	texts, places := TripletTexts(all)
	if len(texts) != 2*len(all) {
		t.Errorf("%d different sentences in %d triplets", len(texts), len(all))
	}
	for i, p := range places {
		if texts[p[0]] != all[i].Anchor || texts[p[1]] != all[i].Paraphrase || texts[p[2]] != all[i].Other {
			t.Fatalf("triplet %d: places %v", i, p)
		}
	}
	if count["en"] < 300 || len(count) != 13 || len(all)-count["en"] < 100 {
		t.Errorf("triplets by language: %v", count)
	}
}
