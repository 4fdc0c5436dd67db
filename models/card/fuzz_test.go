package card

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzFinite: valid JSON stays as it is, and the result never has more of NaN than strings do.
func FuzzFinite(f *testing.F) {
	for _, s := range []string{`{"a":NaN}`, `[-Infinity,Infinity]`, `"NaN"`, `{"a\"NaN":"\\"}`, `"\`, `NaNNaN`, `{"Infinity":1}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out := finite(data)
		if json.Valid(data) && !bytes.Equal(out, data) {
			t.Errorf("%q became %q", data, out)
		}
		if again := finite(out); !bytes.Equal(again, out) {
			t.Errorf("%q became %q, then %q", data, out, again)
		}
	})
}

func FuzzReadme(f *testing.F) {
	for _, s := range []string{"---\nlicense: mit\n---\n", "---\nlanguage:\n- en\n- de\n", "---\na: [b, c]\n", `SentenceTransformer("a/b")`, "SentenceTransformer('"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for key, d := range frontMatter(data) {
			if d == nil || len(d.Value) == 0 || len(d.Value) > maxListValues {
				t.Errorf("%q: %+v", key, d)
			}
		}
		if d := usageName(data); d != nil && (len(d.Value) < 3 || !bytes.Contains(data, []byte(d.Value))) {
			t.Errorf("name %q", d.Value)
		}
	})
}
