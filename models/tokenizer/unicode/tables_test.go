package unicode

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"unicode/utf8"

	"github.com/divinedevops/probe/internal/testenv"
)

// The Go side of digests.py: a digest for each function over the code points that it is asked for.
var predicates = map[string]func(rune) bool{
	"IsPunct": IsPunct, "IsControl": IsControl, "IsMarkNonspacing": IsMarkNonspacing,
	"IsCombiningMark": IsCombiningMark, "IsWhitespace": IsWhitespace, "IsNumeric": IsNumeric, "IsCJK": IsCJK,
	"IsRegexWord": IsRegexWord, "IsRegexSpace": IsRegexSpace, "IsLetter": IsLetter, "IsMark": IsMark,
	"IsNumber": IsNumber, "IsPunctuation": IsPunctuation, "IsSymbol": IsSymbol, "IsSeparator": IsSeparator,
	"IsUpper": IsUpper, "IsLower": IsLower, "IsTitle": IsTitle, "IsModifier": IsModifier,
	"IsOtherLetter": IsOtherLetter, "IsWord": IsWord, "IsClassWord": IsClassWord, "IsSpace": IsSpace, "IsDigit": IsDigit,
}

var forms = map[string]func(string) string{
	"NFC": NFC, "NFD": NFD, "NFKC": NFKC, "NFKD": NFKD,
	"Lowercase": func(s string) string {
		r, _ := utf8.DecodeRuneInString(s)
		return string(AppendLower(nil, r))
	},
}

var classes = map[string]func(rune) uint8{
	"CombiningClass": CombiningClass, "Grapheme": graphemeClass,
	"ScriptOf": func(r rune) uint8 { return uint8(ScriptOf(r)) },
}

// near is NEAR of probe.py: where differences lie; all is every code point that text can have.
func all(r rune) bool { return r < 0xD800 || r >= 0xE000 }
func near(r rune) bool {
	return all(r) && (r < 0x32400 || 0xDFFF0 <= r && r < 0xE1000 || 0xEFFF0 <= r && r < 0xF0010 || r >= 0x10FFF0)
}

func digestOver(reach func(rune) bool, of func([]byte, rune) []byte) string {
	var data []byte
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if reach(r) {
			data = of(data, r)
		}
	}
	return shortHash(data)
}

func shortHash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

func bit(is bool) byte {
	if is {
		return 1
	}
	return 0
}

func compareTables(t *testing.T, want map[string]string, reach func(rune) bool) {
	t.Helper()
	got := sequenceDigests()
	for name, is := range predicates {
		got[name] = digestOver(reach, func(b []byte, r rune) []byte { return append(b, bit(is(r))) })
	}
	for name, form := range forms {
		got[name] = digestOver(reach, func(b []byte, r rune) []byte { return append(append(b, form(string(r))...), '\n') })
	}
	for name, class := range classes {
		got[name] = digestOver(reach, func(b []byte, r rune) []byte { return append(b, class(r)) })
	}
	for name, digest := range got {
		if want[name] != digest {
			t.Errorf("%s differs from the library: digest %s, want %q", name, digest, want[name])
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("%s has a digest and no test", name)
	}
}

type digestFile struct {
	Version    string
	Functions  map[string]string
	Properties map[string]string
}

func readDigests(t *testing.T, data []byte) digestFile {
	t.Helper()
	var file digestFile
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

func committed(t *testing.T) digestFile {
	t.Helper()
	data, err := os.ReadFile("testdata/digests.json")
	if err != nil {
		t.Fatal(err)
	}
	return readDigests(t, data)
}

func TestTablesAgainstDigests(t *testing.T) {
	t.Parallel()
	compareTables(t, committed(t).Functions, all)
}

func TestPropertiesAgainstDigests(t *testing.T) {
	t.Parallel()
	want := committed(t).Properties
	if len(want) < 800 {
		t.Fatalf("only %d properties have a digest", len(want))
	}
	for name, digest := range want {
		ranges, ok := Property(name)
		if !ok {
			t.Errorf("no property %q", name)
			continue
		}
		members := make([]byte, utf8.MaxRune+1)
		for i, r := range ranges {
			if r.Lo > r.Hi || i > 0 && r.Lo <= ranges[i-1].Hi+1 {
				t.Fatalf("%s: range %d is out of order: %v", name, i, r)
			}
			for c := r.Lo; c <= r.Hi; c++ {
				members[c] = 1
			}
		}
		if got := shortHash(append(members[:0xD800:0xD800], members[0xE000:]...)); got != digest {
			t.Errorf("\\p{%s}: digest %s, want %s", name, got, digest)
		}
	}
}

// TestTablesAgainstLibrary asks the Python library itself, so that a new version of it cannot go unnoticed.
func TestTablesAgainstLibrary(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(testenv.Python(t), "-B", "digests.py", "--near")
	cmd.Stderr = os.Stderr
	data, err := cmd.Output()
	if err != nil {
		t.Fatalf("digests.py: %v", err)
	}
	live := readDigests(t, data)
	if want := committed(t).Version; live.Version != want {
		t.Errorf("the library is %s, the tables are from %s: run generate.py", live.Version, want)
	}
	compareTables(t, live.Functions, near)
}
