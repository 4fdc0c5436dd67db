package tokenizer

import (
	"math"
	"strings"
	"testing"
)

func TestJSONIsStrict(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		``, `{`, `{"a":1`, `{"a":1,}`, `[1,]`, `{"a" 1}`, `{a:1}`, `"a`, "\"a\nb\"", `"\x"`, `"\u12"`, `"\ud800"`,
		`"\udc00\ud800"`, `"\ud800\u0041"`, `01`, `-`, `1.`, `1e`, `1e+`, `.5`, `+1`, `nul`, `True`, `1 2`, `{} {}`, `1e999`,
		strings.Repeat("[", 200) + strings.Repeat("]", 200),
	} {
		j := &jsonScanner{data: []byte(bad)}
		v, err := j.value()
		if err == nil {
			err = j.end()
		}
		if err == nil {
			t.Errorf("%q was read as %v", bad, v)
		}
		j = &jsonScanner{data: []byte(bad)}
		if err = j.skip(); err == nil {
			err = j.end()
		}
		if err == nil && bad != `1e999` {
			t.Errorf("%q was skipped", bad)
		}
	}
}

func TestJSONStrings(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`"a"`: "a", `""`: "", `"\"\\\/\b\f\n\r\t"`: "\"\\/\b\f\n\r\t", `"\u00e9\u4e2dx"`: "é中x", `"\ud83d\ude00"`: "😀",
		`"é\u0000"`: "é\x00",
	} {
		j := &jsonScanner{data: []byte(in)}
		got, err := j.str()
		if err != nil || string(got) != want {
			t.Errorf("%s: %q %v, want %q", in, got, err, want)
		}
	}
}

// TestJSONNumbers: floats are what serde_json makes of them without float_roundtrip, which is not always the nearest.
func TestJSONNumbers(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]float64{
		"0": 0, "-0.0": math.Copysign(0, -1), "12": 12, "-3.5": -3.5, "1e3": 1000, "2.5E-1": 0.25,
		"-3.4820079803466797":          -(float64(uint64(34820079803466797)) / 1e16),
		"-11.541925430297852":          -(float64(uint64(11541925430297852)) / 1e15),
		"0.1234567890123456789012":     float64(uint64(12345678901234567890)) / 1e20,
		"123456789012345678901234.5":   float64(uint64(12345678901234567890)) * 1e4,
		"1e-320":                       1.0 / 1e308 / 1e12,
		"1e308":                        1e308,
		"5e-324":                       5.0 / 1e308 / 1e16,
		"0e999":                        0,
		"1" + strings.Repeat("0", 100): 1e19 * 1e81,
	} {
		j := &jsonScanner{data: []byte(in)}
		got, _, err := j.number()
		if err != nil || math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("%s: %v %v, want %v", in, got, err, want)
		}
	}
	for in, ok := range map[string]bool{"0": true, "2147483647": true, "2147483648": false, "-1": false, "1.0": false,
		"1e3": false, "99999999999999999999": false} {
		j := &jsonScanner{data: []byte(in)}
		if id, err := j.id(); (err == nil) != ok {
			t.Errorf("%s as an id: %d %v", in, id, err)
		}
	}
}
