package card_test

import (
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/source"
)

// BenchmarkOpen is finding the real all-MiniLM-L6-v2 and reading what it declares.
func BenchmarkOpen(b *testing.B) {
	dir := testenv.MiniLM(b)
	for b.Loop() {
		src, err := source.Resolve(dir, source.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := card.Read(src); err != nil {
			b.Fatal(err)
		}
	}
}
