package tokenizer

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

func TestLocalRegex(t *testing.T) {
	data, err := os.ReadFile("/tmp/tkt/regex.json")
	if err != nil {
		t.Skip()
	}
	var all []struct {
		P, Err string
		R      [][2]json.RawMessage
	}
	json.Unmarshal(data, &all)
	for _, c := range all {
		re, err := newRegex(c.P)
		if err != nil {
			if c.Err == "" {
				t.Errorf("%q: %v", c.P, err)
			}
			continue
		}
		if c.Err != "" {
			t.Logf("%q: accepted, python: %s", c.P, c.Err)
			continue
		}
		finders := []finder{re}
		if k := knownPattern(c.P); k != nil {
			finders = append(finders, k)
		}
		for which, f := range finders {
			bad := 0
			for _, r := range c.R {
				var s string
				var want [][2]int
				json.Unmarshal(r[0], &s)
				json.Unmarshal(r[1], &want)
				cuts, err := f.cuts(new(scratch), s)
				if err != nil {
					t.Errorf("%q on %q: %v", c.P, s, err)
					continue
				}
				ci := newCharIndex(s)
				var got [][2]int
				for _, c := range cuts {
					if c.start < c.end {
						got = append(got, ci.convert(span{int32(c.start), int32(c.end)}))
					}
				}
				if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
					if bad++; bad < 3 {
						t.Errorf("%d %q on %q:\n got %v\nwant %v", which, c.P, s, got, want)
					}
				}
			}
		}
	}
}
