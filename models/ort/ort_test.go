//go:build cgo

package ort_test

import (
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/models/tensor"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	e, err := ort.Open(testenv.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Conformance(t, enginetest.Engine{
		Engine: e, Provider: ort.CPUProvider,
		DTypes: []tensor.DType{tensor.Uint8, tensor.Int8, tensor.Uint16, tensor.Int16, tensor.Int32, tensor.Uint32,
			tensor.Uint64, tensor.Bool, tensor.Float16, tensor.BFloat16, tensor.Float64},
	})
}
