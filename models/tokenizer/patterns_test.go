package tokenizer_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/tokenizer"
)

// atoms of random regular expressions: what the patterns of published tokenizers are made of, and what is near it.
var atoms = []string{
	"a", "n", "s", "K", "é", "ß", "-", " ", "'", "中", "1", `\.`, `\n`, `\t`, `\r`, ".", `\s`, `\S`, `\w`, `\W`, `\d`, `\D`, `\h`, `\R`, `\X`,
	`\p{L}`, `\p{N}`, `\p{Lu}`, `\p{Ll}`, `\p{M}`, `\p{P}`, `\p{S}`, `\p{Z}`, `\p{Han}`, `\P{L}`, `\p{^N}`, `\p{Latin}`, `\p{Alnum}`,
	`[a-z]`, `[^a-z]`, `[A-Za-zé]`, `[^\s\p{L}\p{N}]`, `[^\r\n\p{L}\p{N}]`, `[\p{L}\p{M}]`, `[[:alpha:]]`, `[[:^punct:]]`, `[\w'-]`,
	`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`, `[\r\n]`, `[^(\s|[.,!?])]`, `[a-z&&[^aeiou]]`, `[\d一-龥]`, `\x{e9}`, `\u0301`, `[^\n]`,
	`'s`, `'ll`, `the`, `st`, `ss`, `(?i:'s|'t|'re)`, `(?i:the|st)`, `(?i:k)`, `(?i)s`, `(?i:ß)`, `\b`, `\B`, `^`, `$`, `\A`, `\z`, `\Z`, `\G`,
	`(?=\s)`, `(?!\S)`, `(?<=a)`, `(?<!\p{L})`, `(?<=\p{N})`, `(?=\p{Lu})`, `(a)\1`, `(\w)\1`, `(?<x>\d)\k<x>`, `(?>a+)`, `(?:ab|a)`,
	`(?m:.)`, `(?x: a b )`, `\K`, `(?:)`, `[^\W\d]`,
}

var quantifiers = []string{"", "", "", "", "?", "*", "+", "{2}", "{1,3}", "{2,}", "{,2}", "+?", "*?", "??", "++", "*+", "?+", "{1,2}?"}

// somePattern is a random regular expression.
func somePattern(rng *rand.Rand, depth int) string {
	var alternatives []string
	for range 1 + rng.IntN(3) {
		var b strings.Builder
		for range 1 + rng.IntN(3) {
			atom := atoms[rng.IntN(len(atoms))]
			if depth > 0 && rng.IntN(6) == 0 {
				atom = []string{"(?:", "(", "(?i:", "(?=", "(?!", "(?>"}[rng.IntN(6)] + somePattern(rng, depth-1) + ")"
			}
			b.WriteString(atom + quantifiers[rng.IntN(len(quantifiers))])
		}
		alternatives = append(alternatives, b.String())
	}
	return strings.Join(alternatives, "|")
}

// TestPatternsAgainstOniguruma splits random texts with random regular expressions, as the library does with Oniguruma.
// Only one thing may differ: where a pattern backtracks beyond our bound, there is an error.
func TestPatternsAgainstOniguruma(t *testing.T) {
	t.Parallel()
	count := 2000
	if s := os.Getenv(stringsEnv); s != "" {
		var err error
		if count, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	pool := drivers(t)
	d := <-pool
	rng := rand.New(rand.NewPCG(7, 7))
	m := newMaker("patterns", nil)
	m.short = true // on long texts many of these patterns backtrack without end in the library
	refused, unbounded := 0, 0
	for range count {
		pattern := somePattern(rng, 2)
		file := patternFile(t, pattern)
		libraryErr := d.load("parse", file)
		tok, err := tokenizer.Parse([]byte(file))
		if libraryErr != nil {
			continue // Oniguruma does not take it; what we do with it is of no matter
		}
		if err != nil {
			refused++
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		queries := make([]query, 8)
		for i := range queries {
			queries[i].text = m.text()
		}
		want, err := d.digests(queries, manner{})
		if err != nil {
			t.Fatal(err)
		}
		for i, q := range queries {
			e, err := tok.Encode(q.text, whole(false))
			if err != nil {
				unbounded++
			} else if digest(e, nil) != want[i] {
				t.Errorf("pattern %s", pattern)
				reportMismatch(t, d, tok, q, manner{})
				break
			}
		}
	}
	if refused > 0 || unbounded > count/100 {
		t.Errorf("%d of %d patterns are refused, %d texts end in an error", refused, count, unbounded)
	}
}

func patternFile(t *testing.T, pattern string) string {
	t.Helper()
	quoted, err := json.Marshal(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"version":"1.0","added_tokens":[],"model":{"type":"WordLevel","vocab":{"[UNK]":0},"unk_token":"[UNK]"},
"pre_tokenizer":{"type":"Split","pattern":{"Regex":%s},"behavior":"Isolated","invert":false}}`, quoted)
}
