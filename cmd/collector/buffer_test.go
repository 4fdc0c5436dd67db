package main

import "strings"

// limitedBuffer keeps the first megabyte.
type limitedBuffer struct{ strings.Builder }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len() < 1<<20 {
		b.Builder.Write(p)
	}
	return len(p), nil
}
