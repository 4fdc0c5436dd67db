package emit

import (
	"slices"
	"testing"
)

func TestExclusions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern string
		facts   Facts
		want    bool
	}{
		{"acme", Facts{Model: "acme/model"}, true},
		{"ACME", Facts{Model: "Acme/model"}, true},
		{"acme", Facts{Model: "acme2/model"}, false},
		{"acme/*", Facts{Model: "acme/model"}, true},
		{"acme/private-*", Facts{Model: "acme/public"}, false},
		{"acme/private-?", Facts{Model: "acme/private-1"}, true},
		{"*", Facts{Model: "any/model"}, true},
		{"gpt2", Facts{Model: "gpt2"}, true},
		{"/work/secret", Facts{LocalPath: "/work/secret/model"}, true},
		{"/work/secret/", Facts{LocalPath: "/work/secret"}, true},
		{"/work/secret", Facts{LocalPath: "/work/secrets"}, false},
		{"/work/*/x", Facts{LocalPath: "/work/a/x/model.onnx"}, true},
		{"/", Facts{LocalPath: "/anything"}, true},
	} {
		list, err := Exclusions(nil).Add(test.pattern, test.pattern)
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %v, %v", test.pattern, list, err)
		}
		if got := list.Match(test.facts) != ""; got != test.want {
			t.Errorf("%s on %+v: %v", test.pattern, test.facts, got)
		}
	}
	for _, bad := range []string{"", " a", "a\nb", "a/b/c", "[", "# x"} {
		if _, err := Exclusions(nil).Add(bad); err == nil {
			t.Errorf("%q was taken for a pattern", bad)
		}
	}
	dir := NewDir(t.TempDir())
	if err := WriteExclusions(dir, Exclusions{"acme", "/x"}); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadExclusions(dir); err != nil || !slices.Equal(got, Exclusions{"acme", "/x"}) {
		t.Errorf("read back %v, %v", got, err)
	}
}
