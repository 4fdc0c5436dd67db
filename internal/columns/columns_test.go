package columns_test

import (
	"testing"

	"github.com/divinedevops/probe/internal/columns"
)

func TestColumns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ got, want string }{
		"right":           {columns.Right("ab", 4), "  ab"},
		"right, too wide": {columns.Right("abcdef", 4), " abcdef"},
		"right, nothing":  {columns.Right("", 4), ""},
		"fit":             {columns.Fit("naïve text", 8), "naïve..."},
		"fit, whole":      {columns.Fit("naïve", 5), "naïve"},
		"fit, no room":    {columns.Fit("naïve", -1), ""},
		"wrap":            {columns.Wrap("one  two three", 2, 9), "  one two\n  three\n"},
		"hang":            {columns.Hang("key   value goes on", 6, 12), "key   value\n      goes\n      on\n"},
		"a long word":     {columns.Hang("ab verylongword", 1, 5), "ab\n verylongword\n"},
		"join":            {columns.Join(", ", "a", "", "b"), "a, b"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}
}
