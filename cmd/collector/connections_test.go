package main

import "testing"

func TestConnectionBounds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		all, each         int
		descriptors       uint64
		wantAll, wantEach int
	}{
		{0, 0, 0, 4096, 64},
		{0, 0, 1 << 63, 4096, 64},
		{0, 0, 64, 32, 8},
		{0, 0, 2, 1, 1},
		{100, 0, 64, 100, 25},
		{100, 90, 64, 100, 90},
	} {
		if all, each := connectionBounds(test.all, test.each, test.descriptors); all != test.wantAll || each != test.wantEach {
			t.Errorf("%+v: %d, %d", test, all, each)
		}
	}
}
