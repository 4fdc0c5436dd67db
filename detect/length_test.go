package detect

import (
	"strings"
	"testing"
)

// reading is a model that reads the first limit tokens: its vector is a running mean with a new number for each token.
func reading(limit int, noise float32) func(tokens int) []float32 {
	runs := float32(0)
	return func(tokens int) []float32 {
		runs++
		v := []float32{1, 1, 1}
		for p := range min(tokens, limit) {
			v[p%3] += 1 / float32(p+2)
		}
		v[0] += noise * runs
		return v
	}
}

func TestLengthIsFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name               string
		limit, guess, full int
		value              any
		most               int // runs
	}{
		{"as declared", 256, 256, 400, 256, 2},
		{"sooner than declared", 256, 512, 600, 256, 12},
		{"later than declared", 384, 256, 600, 384, 12},
		{"nothing declared", 77, 0, 300, 77, 12},
		{"no limit in sight", 9999, 0, 300, nil, 1},
		{"no limit at the guess", 9999, 256, 300, nil, 12},
		{"the text's own length", 300, 300, 300, nil, 1},
		{"one below the text", 299, 299, 300, 299, 2},
		{"three", 3, 512, 600, 3, 14},
	} {
		run := reading(c.limit, 0)
		in := LengthInput{Full: LengthSample{Tokens: c.full, Vector: run(c.full)}}
		for {
			n, done := NextLength(in, c.guess, 3)
			if done {
				break
			}
			if n < 3 || n >= c.full || len(in.Parts) > c.most {
				t.Fatalf("%s: run %d asks for %d tokens", c.name, len(in.Parts), n)
			}
			in.Parts = append(in.Parts, LengthSample{Tokens: n, Vector: run(n)})
		}
		f := Length(in)
		checkFinding(t, c.name, f)
		if c.limit == 3 {
			// Parts of less than 3 tokens cannot be run, so 3 cannot be told from 2.
			if f.Value != nil || !strings.Contains(f.Reason, "first 3 tokens") {
				t.Errorf("%s: %v, %s", c.name, f.Value, f.Reason)
			}
			continue
		}
		if f.Value != c.value {
			t.Errorf("%s: %v, want %v: %s (%d runs)", c.name, f.Value, c.value, f.Reason, len(in.Parts))
		}
	}
}

func TestLengthNeedsBothSides(t *testing.T) {
	t.Parallel()
	run := reading(20, 0)
	full := LengthSample{Tokens: 50, Vector: run(50)}
	at := func(n int) LengthSample { return LengthSample{Tokens: n, Vector: run(n)} }
	for name, c := range map[string]struct {
		parts  []LengthSample
		reason string
	}{
		"none":      {nil, "no long text"},
		"above":     {[]LengthSample{at(30), at(20)}, "first 20 tokens"},
		"below":     {[]LengthSample{at(10), at(19)}, "do not enclose"},
		"far apart": {[]LengthSample{at(10), at(30)}, "do not enclose"},
		"ragged":    {[]LengthSample{{Tokens: 19, Vector: []float32{1}}}, "differ in length"},
	} {
		f := Length(LengthInput{Full: full, Parts: c.parts})
		checkFinding(t, name, f)
		if f.Value != nil || !strings.Contains(f.Reason, c.reason) {
			t.Errorf("%s: %v %q", name, f.Value, f.Reason)
		}
	}
}

// Noise that Determinism measured must not be taken for a token's effect.
func TestLengthUnderNoise(t *testing.T) {
	t.Parallel()
	run := reading(20, 1e-5)
	in := LengthInput{Full: LengthSample{Tokens: 50, Vector: run(50)}}
	for _, n := range []int{20, 19} {
		in.Parts = append(in.Parts, LengthSample{Tokens: n, Vector: run(n)})
	}
	if f := Length(in); f.Value == 20 {
		t.Error("the limit was found although the noise is not known")
	}
	in.Noise = 2e-5
	if f := Length(in); f.Value != 20 {
		t.Errorf("with the noise known: %v, %s", f.Value, f.Reason)
	}
}

func TestTruncationTable(t *testing.T) {
	t.Parallel()
	// Four tokens a sentence of 20 characters.
	offsets := make([][2]int, 40)
	for p := range offsets {
		offsets[p] = [2]int{5 * p, 5*p + 4}
	}
	found := func(limit int) Finding {
		return Finding{Value: limit, Confidence: 0.75, Evidence: LengthEvidence{TextTokens: 42, Runs: 2}}
	}
	last := 41
	whole := Finding{Reason: "no limit", Evidence: LengthEvidence{TextTokens: 42, Runs: 1, LongestDifferent: &last}}
	zero := 0
	fifty := 50
	for name, c := range map[string]struct {
		in         TruncationInput
		value      any
		kept, lost int
		characters int
		first      *int
	}{
		"tail": {TruncationInput{Length: found(12), Special: 2}, true, 10, 30, 149, &fifty},
		"head": {TruncationInput{Length: found(12), Special: 2, FromLeft: true}, true, 10, 30, 149, &zero},
		"all":  {TruncationInput{Length: whole, Special: 2}, false, 40, 0, 0, nil},
		"fits": {TruncationInput{Length: found(42), Special: 2}, false, 40, 0, 0, nil},
		"not known": {
			TruncationInput{Length: Finding{Reason: "the parts", Evidence: LengthEvidence{TextTokens: 42}}}, nil, 0, 0, 0, nil,
		},
	} {
		c.in.Offsets, c.in.Characters = offsets, 199
		f := Truncation(c.in)
		checkFinding(t, name, f)
		e := f.Evidence.(TruncationEvidence)
		if f.Value != c.value || e.TokensKept != c.kept || e.TokensLost != c.lost || e.CharactersLost != c.characters {
			t.Errorf("%s: %v %+v", name, f.Value, e)
		}
		if (e.FirstLost == nil) != (c.first == nil) || c.first != nil && *e.FirstLost != *c.first {
			t.Errorf("%s: first lost character %v, want %v", name, e.FirstLost, c.first)
		}
	}
}

func TestEndOfInput(t *testing.T) {
	t.Parallel()
	f := EndOfInput(256, 257, 9, "index out of range")
	checkFinding(t, "met", f)
	if e := f.Evidence.(EndEvidence); f.Value != 256 || e.Cause != "index out of range" || f.Confidence != 10.0/11 {
		t.Errorf("%+v", f)
	}
	f = EndOfInput(200, 300, 2, "x")
	checkFinding(t, "apart", f)
	if f.Value != nil {
		t.Errorf("an end between 200 and 300: %v", f.Value)
	}
}
