package onnx_test

import (
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/onnx"
)

// BenchmarkReadHead reads the head of a real graph of 69 MB.
func BenchmarkReadHead(b *testing.B) {
	path := testenv.ParaphraseL3(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := onnx.ReadHead(path); err != nil {
			b.Fatal(err)
		}
	}
}
