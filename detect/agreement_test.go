package detect

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
)

// TestPictures holds the pictures to their bytes: those that testdata/images/align.py draws with NumPy.
func TestPictures(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../testdata/images/clip-aligned.truth.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		SHA256   string `json:"pictures_sha256"`
		Captions []string
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	digest := sha256.New()
	var captions []string
	for _, p := range Pictures() {
		captions = append(captions, p.Caption)
		for i := 0; i < len(p.Image.Pix); i += 4 {
			digest.Write(p.Image.Pix[i : i+3])
			if p.Image.Pix[i+3] != 255 {
				t.Fatalf("%s is transparent", p.Caption)
			}
		}
	}
	if found := hex.EncodeToString(digest.Sum(nil)); found != want.SHA256 {
		t.Errorf("digest %s, want %s", found, want.SHA256)
	}
	if strings.Join(captions, ",") != strings.Join(want.Captions, ",") {
		t.Errorf("captions %q, want %q", captions, want.Captions)
	}
}

// TestBinomial holds intervals and tails against scipy (testdata/statistics/binomial.py).
func TestBinomial(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../testdata/statistics/binomial.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		K, N                 int
		Low, High, Chance, P float64
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 30 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1e-3, math.Abs(b)) }
	for _, c := range cases {
		if got := clopperPearson(c.K, c.N); !near(got.Low, c.Low) || !near(got.High, c.High) {
			t.Errorf("%d of %d: %v, want %v to %v", c.K, c.N, got, c.Low, c.High)
		}
		if got := binomialTail(c.K, c.N, c.Chance); !near(got, c.P) {
			t.Errorf("%d of %d at %v: %v, want %v", c.K, c.N, c.Chance, got, c.P)
		}
	}
}

func TestPermutations(t *testing.T) {
	t.Parallel()
	for n, want := range []int{1, 1, 2, 6, 24, 120} {
		seen := map[string]bool{}
		for p := range permutations(n) {
			seen[fmt.Sprint(p)] = true
		}
		if len(seen) != want {
			t.Errorf("%d orders of %d, want %d", len(seen), n, want)
		}
	}
}

// drawn are the pictures, drawn once for all tests.
var drawn = sync.OnceValue(Pictures)

// tower gives vectors that are the sum of a direction for the colour, one for the shape and noise: what a tower makes of
// the pictures that tells colours and shapes apart.
func tower(seed uint64, dim int, structure, noise float64) [][]float32 {
	r := rand.New(rand.NewPCG(seed, 7))
	direction := func() []float64 {
		v := make([]float64, dim)
		for i := range v {
			v[i] = r.NormFloat64()
		}
		return v
	}
	var colours, shapes [4][]float64
	for i := range 4 {
		colours[i], shapes[i] = direction(), direction()
	}
	var out [][]float32
	for _, p := range drawn() {
		own := direction()
		v := make([]float32, dim)
		for i := range v {
			v[i] = float32(structure*(colours[p.Colour][i]+shapes[p.Shape][i]) + noise*own[i])
		}
		out = append(out, v)
	}
	return out
}

// noisy is vectors with noise of another seed added.
func noisy(vectors [][]float32, seed uint64, by float64) [][]float32 {
	r := rand.New(rand.NewPCG(seed, 8))
	out := make([][]float32, len(vectors))
	for i, v := range vectors {
		out[i] = make([]float32, len(v))
		for j, x := range v {
			out[i][j] = 2*x + float32(by*r.NormFloat64())
		}
	}
	return out
}

func TestAgreementOfTowersThatMet(t *testing.T) {
	t.Parallel()
	texts := tower(1, 64, 1, 0.2)
	f := TextImageAgreement(TextImageInput{Pictures: drawn(), Texts: texts, Images: noisy(texts, 2, 1), Preprocessing: "p"})
	e, ok := f.Evidence.(TextImageEvidence)
	if !ok || f.Value != AgreementYes || f.Reason != "" || !e.OneSpace || e.Preprocessing != "p" {
		t.Fatalf("found %+v", f)
	}
	if e.Relabellings != 576 || e.P != 1.0/576 || e.Texts.Right != 16 || e.Images.Right != 16 || e.Colour.Right != 32 {
		t.Errorf("evidence %+v", e)
	}
	if want := 33.0 / 34; math.Abs(f.Confidence-want) > 1e-12 {
		t.Errorf("confidence %v, want %v", f.Confidence, want)
	}
}

// TestAgreementOfTowersThatNeverMet draws many pairs of towers, each of which tells colours and shapes apart, and counts how
// often they are said to agree: less than the test's level, 1 %.
func TestAgreementOfTowersThatNeverMet(t *testing.T) {
	t.Parallel()
	const pairs = 300
	pictures, agreed := drawn(), 0
	for seed := range uint64(pairs) {
		f := TextImageAgreement(TextImageInput{
			Pictures: pictures, Texts: tower(2*seed+10, 8, 1, 0.1), Images: tower(2*seed+11, 8, 1, 0.1),
		})
		if f.Value != nil {
			agreed++
		} else if !strings.HasPrefix(f.Reason, "undetermined") || f.Confidence != 0 {
			t.Fatalf("found %+v", f)
		}
	}
	if agreed > pairs/100 {
		t.Errorf("%d of %d pairs are said to agree", agreed, pairs)
	}
}

func TestAgreementWithoutValue(t *testing.T) {
	t.Parallel()
	pictures, wide, narrow := drawn(), tower(1, 64, 1, 0.2), tower(1, 32, 1, 0.2)
	broken := noisy(wide, 3, 0)
	broken[3][2] = float32(math.NaN())
	constant := make([][]float32, len(wide))
	for i := range constant {
		constant[i] = wide[0]
	}
	for name, c := range map[string]struct {
		texts, images [][]float32
		reason        string
	}{
		"other widths":  {wide, narrow, "share no space"},
		"not a number":  {wide, broken, nonFinite},
		"too few":       {wide[:3], wide, "no vectors"},
		"always one":    {constant, constant, "undetermined"},
		"one to all":    {wide, constant, "undetermined"},
		"mixed lengths": {append(wide[:15:15], narrow[0]), wide, "differ in length"},
	} {
		f := TextImageAgreement(TextImageInput{Pictures: pictures, Texts: c.texts, Images: c.images})
		if f.Value != nil || !strings.Contains(f.Reason, c.reason) || f.Confidence != 0 {
			t.Errorf("%s: found %+v", name, f)
		}
		if _, err := json.Marshal(f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
