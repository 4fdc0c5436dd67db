package grammar_test

import (
	"testing"

	"github.com/divinedevops/probe/internal/grammar"
)

func TestPlural(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 tokens", 1: "1 token", 2: "2 tokens"} {
		if got := grammar.Plural(n, "token"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestOr(t *testing.T) {
	t.Parallel()
	for want, list := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := grammar.Or(list); got != want {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
}
