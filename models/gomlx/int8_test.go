package gomlx

import (
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// BenchmarkInt8 runs a real model with dynamically quantized weights on one text of 16 tokens.
func BenchmarkInt8(b *testing.B) {
	path := testenv.MiniLMInt8(b)
	head, err := onnx.ReadHead(path)
	if err != nil {
		b.Fatal(err)
	}
	s, err := New().Open(b.Context(), engine.Graph{Path: path, Inputs: head.Inputs, Outputs: head.Outputs},
		engine.Options{Threads: 1, TempDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var in []tensor.Named
	for _, i := range head.Inputs {
		ones := make([]int64, 16)
		for k := range ones {
			ones[k] = 1
		}
		in = append(in, tensor.Named{Name: i.Name, Tensor: tensor.NewInt64(ones, 1, 16)})
	}
	for b.Loop() {
		if _, err := s.Run(b.Context(), in, head.OutputNames()); err != nil {
			b.Fatal(err)
		}
	}
}
