package main

import "testing"

func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]memoryLimit{
		"4GB": 4e9, "512MiB": 512 << 20, "1.5 GiB": 3 << 29, "100": 100, "64k": 64e3, "2tb": 2e12, "auto": 0, "none": -1,
	} {
		var m memoryLimit
		if err := m.Set(s); err != nil || m != want {
			t.Errorf("%q: %d, %v; want %d", s, m, err, want)
		}
	}
	for _, s := range []string{"", "GB", "0", "-1", "4XB", "4 4GB", "1e400", "NaN", "Inf", "9EB", "99999999TB", "0.1"} {
		m := memoryLimit(7)
		if err := m.Set(s); err == nil || m != 7 {
			t.Errorf("%q was taken for %d", s, m)
		}
	}
}
