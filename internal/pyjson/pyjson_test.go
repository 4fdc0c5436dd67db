package pyjson

import "testing"

func TestReplace(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{"a":NaN,"b":[Infinity,-Infinity]}`:   `{"a":<NaN>,"b":[<Infinity>,<-Infinity>]}`,
		`{"NaN":"Infinity","c":"\"NaN","d":1}`: `{"NaN":"Infinity","c":"\"NaN","d":1}`,
		`{"a":"\\","b":NaN}`:                   `{"a":"\\","b":<NaN>}`,
		`{"a":1}`:                              `{"a":1}`,
		``:                                     ``,
	} {
		if got := string(Replace([]byte(in), func(word string) string { return "<" + word + ">" })); got != want {
			t.Errorf("%s: %s, expected %s", in, got, want)
		}
	}
}
