package printable_test

import (
	"encoding/json"
	"testing"
	"unicode"

	"github.com/divinedevops/probe/internal/printable"
)

func TestText(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                        "",
		"naïve 日本 🙂":              "naïve 日本 🙂",
		"a\nb\tc":                 "a\nb\tc",
		"\x1b[31mred\a":           `\x1b[31mred\x07`,
		"gnp.\u202etxt":           `gnp.\u202etxt`,
		"a\u200bb\u2066c\ufeff":   `a\u200bb\u2066c\ufeff`,
		"\r\x7f\u0085":            `\x0d\x7f\u0085`,
		"no\xffutf8":              `no\xffutf8`,
		"\U000e0041":              `\U000e0041`,
		"one\u2028two\u2029three": `one\u2028two\u2029three`,
		"�":                       "�", // a replacement character that stands in the text itself
	} {
		if got := printable.Text(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	const s = " a\r\n\tb \x1b[2Jc\u202e "
	if got, want := printable.Line(s), `a b \x1b[2Jc\u202e`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		for _, c := range printable.Line("a" + string(r) + "b") {
			if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == '\u2028' || c == '\u2029' {
				t.Fatalf("%U stands in a line", c)
			}
		}
	}
}

func TestJSONIsASCII(t *testing.T) {
	t.Parallel()
	in := map[string]string{"é\x7f": "🙂\u202e\x1b\u2028<&>"}
	doc, err := printable.JSON(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range doc {
		if (c < ' ' && c != '\n') || c >= 0x7f {
			t.Fatalf("byte %#x in %s", c, doc)
		}
	}
	var back map[string]string
	if err := json.Unmarshal(doc, &back); err != nil || back["é\x7f"] != in["é\x7f"] {
		t.Errorf("%q, %v", back, err)
	}
	if _, err := printable.JSON(func() {}); err == nil {
		t.Error("expected an error for a function")
	}
}
