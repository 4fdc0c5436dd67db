package tokenizer

import "testing"

// TestValidUTF8 has what Python 3 makes of the bytes with decode("utf-8", "replace").
func TestValidUTF8(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "aé中😀": "aé中😀", "\xff": "\ufffd", "\x61\xc3": "a\ufffd", "\xe4\xb8": "\ufffd", "\xe4\xb8\x41": "\ufffdA",
		"\xf0\x9f\x98": "\ufffd", "\xed\xa0\x80": "\ufffd\ufffd\ufffd", "\xc0\xaf": "\ufffd\ufffd",
		"\xe0\x80\xaf": "\ufffd\ufffd\ufffd", "\xf4\x90\x80\x80": "\ufffd\ufffd\ufffd\ufffd",
		"\xf0\x80\x80\x41": "\ufffd\ufffd\ufffdA", "\x80\xbf": "\ufffd\ufffd",
		"\xf8\x88\x80\x80\x80": "\ufffd\ufffd\ufffd\ufffd\ufffd", "\x61\xe2\x82\x62\xac": "a\ufffdb\ufffd",
		"\xfe\xfe\xff\xff": "\ufffd\ufffd\ufffd\ufffd", "\xe2\x28\xa1": "\ufffd(\ufffd", "\xf1\x80\xc2\xa9": "\ufffd©",
	} {
		if got := validUTF8(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
