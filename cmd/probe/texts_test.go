package main

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/divinedevops/probe/probe/isolate"
)

// TestEncodings: texts are UTF-8; what is not says so with the line, after the texts before it.
func TestEncodings(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stdin string
		texts []string
		says  string
	}{
		"utf-8":               {"caf\u00e9\nb", []string{"caf\u00e9", "b"}, ""},
		"a mark":              {"\ufeffa\n\ufeffb\n", []string{"a", "\ufeffb"}, ""},
		"a mark alone":        {"\ufeff", nil, ""},
		"a replacement":       {"a\ufffdb\n", []string{"a\ufffdb"}, ""},
		"latin-1":             {"a\ncaf\xe9\nb\n", []string{"a"}, "line 2: expected texts in UTF-8, found the byte 0xe9"},
		"utf-16 little":       {"\xff\xfea\x00\n\x00", nil, "found UTF-16"},
		"utf-16 big":          {"\xfe\xff\x00a\x00\n", nil, "found UTF-16"},
		"two bytes of a mark": {"\xef\xbb\n", nil, "line 1: expected texts in UTF-8, found the byte 0xef"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			var end error
			for text, err := range textLines.read(strings.NewReader(c.stdin)) {
				if end = err; err == nil {
					got = append(got, text)
				}
			}
			var misuse *isolate.Misuse
			if !slices.Equal(got, c.texts) || (c.says == "") != (end == nil) ||
				end != nil && (!errors.As(end, &misuse) || !strings.Contains(end.Error(), c.says)) {
				t.Errorf("expected %q and %q, found %q and %v", c.texts, c.says, got, end)
			}
		})
	}
}
