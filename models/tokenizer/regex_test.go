package tokenizer

import (
	"slices"
	"strings"
	"testing"
)

// TestRegex has what Python's Split(Regex(pattern), "isolated") cuts texts into: Oniguruma's word on its own syntax.
func TestRegex(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, text, want string }{
		{`^a`, "a\nab\na", "a|\n|a|b\n|a"}, {`a$`, "a\nba\na", "a|\nb|a|\n|a"}, {`.`, "a\nb", "a|\n|b"},
		{`\ba`, "ab cab éa", "a|b cab éa"}, {`x*`, "axxb", "a|xx|b"}, {``, "ab", "a|b"}, {`$`, "a\n", "a|\n"},
		{`(?i)straße`, "xSTRASSE", "x|STRASSE"}, {`(?i)ss`, "aßx", "a|ß|x"}, {`(?i:k)`, "aK\u212ak", "a|K|\u212a|k"},
		{`\h+`, "abcxyz12", "abc|xyz|12"}, {`\R`, "a\r\nb\nc", "a|\r\n|b|\n|c"}, {`\X`, "e\u0301a", "e\u0301|a"},
		{`[[:alpha:]]+`, "ab1é", "ab|1|é"}, {`[a-z&&[^b]]+`, "abcab", "a|b|ca|b"}, {`a{,2}`, "aaaa", "aa|aa"},
		{`a{2}+`, "aaaaa", "aaaa|a"}, {`a{2,3}?`, "aaaaaa", "aa|aa|aa"}, {`a{3,1}`, "aaaa", "aaa|a"},
		{`[^\S\r\n]+`, "a \t\nb", "a| \t|\nb"}, {`(?<!a)b`, "ab bb", "ab |b|b"}, {`\x41\u0042`, "xAB", "x|AB"},
		{`\x{1F600}`, "a😀", "a|😀"}, {`[\x{4E00}-\x{9FFF}]`, "漢a", "漢|a"}, {`(?<n>a)\k<n>`, "aab", "aa|b"},
		{`(a)\1`, "aab", "aa|b"}, {`a|`, "ab", "a|b"}, {`\Z`, "ab\n", "ab|\n"}, {`\Aa`, "aa", "a|a"},
		{`\Ga`, "aaba", "a|a|ba"}, {`(?x) a b # c`, "xab", "x|ab"}, {`[]a]`, "]ab", "]|a|b"}, {`[a-]`, "-ab", "-|a|b"},
		{`\p{^Lu}+`, "abC", "ab|C"}, {`[\w-]+`, "a-b c", "a-b| |c"}, {`a\Kb`, "ab", "a|b"}, {`a{x}`, "ba{x}", "b|a{x}"},
		{`a(?i)b|c`, "ab C aC", "ab| C |aC"}, {`(?i)a(?-i)b|c`, "xaBCc", "xaBCc"}, {`(?<=a|bc)d`, "ad bcd", "a|d| bc|d"},
		{`(?<=a*)d`, "aad", "aa|d"}, {`(?<!a+)d`, "aad d", "aad |d"}, {`(a|ab)(c|bcd)(d*)`, "abcdx", "abcd|x"},
		{`(a*)*b`, "aab", "aab"}, {`(a*)+`, "aab", "aa|b"}, {`(?:a?)*?b`, "aab", "aab"}, {`(?m:.)`, "\nx", "\n|x"},
		{`(?i)[^a]+`, "aAbB", "aA|bB"}, {`(?i)\p{Lu}`, "aA1", "a|A|1"}, {`(?i)[\p{Lu}]+`, "aAb1", "aAb|1"},
		{`[[:punct:]]+`, "a$❤.b", "a|$❤.|b"}, {`\p{Punct}+`, "a$.b", "a$|.|b"}, {`\w+|[^\w\s]+`, "²x ½!", "²x| |½|!"},
		{`[\w]+`, "²x①", "²|x|①"}, {`\W+`, "x²①", "x²|①"}, {`\bx`, "²x x", "²x |x"},
		{`(?#x)a`, "ba", "b|a"}, {`\0`, "a\x00", "a|\x00"}, {`\cA\C-B`, "a\x01\x02", "a|\x01\x02"}, {`\Qa.b\E`, "xQa.bE", "x|Qa.bE"},
		{`(?>a+)ab|b`, "aab", "aa|b"}, {`\p{Han}+`, "漢字かな", "漢字|かな"}, {`a++b|a`, "aaab", "aaab"},
		{`(?<=\p{L})(?=\p{Lu})`, "aBcD", "a|Bc|D"}, {`\N+`, "a\nb", "a|\n|b"}, {`\O`, "\nb", "\n|b"},
		{`\X{1,2}?(?m:.)`, "\U0001f3fd\U0001f469\u200d\U0001f4bb ", "\U0001f3fd\U0001f469|\u200d\U0001f4bb "},
	} {
		re, err := newRegex(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		var parts []string
		for _, cut := range mustCut(t, re, c.text) {
			if cut.start < cut.end {
				parts = append(parts, c.text[cut.start:cut.end])
			}
		}
		if got := strings.Join(parts, "|"); got != c.want {
			t.Errorf("%q cuts %q into %q, want %q", c.pattern, c.text, got, c.want)
		}
	}
}

// TestBadRegex: what Oniguruma rejects, and what this engine does not have, is an error that says so.
func TestBadRegex(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{
		`*a`, `(a`, `a)`, `[a`, `[]`, `\`, `[b-a]`, `\p{Nope}`, `\p{L`, `(?s).`, `(?<n`, `(?#a`, `\x{110000}`, `\u12`, `\xe9`,
		`\k<n>`, `a{1,100001}`, `(?~ab)`, `\g<1>`, `\y`, `(?(1)a)`, `\M-a`, `\c`, strings.Repeat("(", 200),
		strings.Repeat("a?", 1) + strings.Repeat("?", 200), strings.Repeat("x", maxPatternBytes+1), `(?:ab){60000}{3}`,
	} {
		if _, err := newRegex(pattern); err == nil {
			t.Errorf("%.60q was accepted", pattern)
		}
	}
}

// TestRegexSteps: a pattern that backtracks without end is an error, and one that repeats nothing comes back.
func TestRegexSteps(t *testing.T) {
	t.Parallel()
	re, err := newRegex(`(?:a|a)*(?:a|a)*(?:a|a)*b`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := re.cuts(new(scratch), strings.Repeat("a", 3000)); err == nil {
		t.Error("no error after endless backtracking")
	}
	if re, err = newRegex(`(?:(?:(?:){1000}){1000}){1000}x`); err != nil {
		t.Fatal(err)
	}
	if got := mustCut(t, re, "ax"); !slices.Equal(got, []cut{{0, 1, false}, {1, 2, true}}) {
		t.Errorf("cuts %v", got)
	}
}
