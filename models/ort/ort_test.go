//go:build cgo

package ort_test

import (
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/ort"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	e, err := ort.Open(testenv.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Conformance(t, enginetest.Engine{
		Engine: e, Provider: ort.CPUProvider,
		DTypes: []engine.DType{engine.Uint8, engine.Int8, engine.Uint16, engine.Int16, engine.Int32, engine.Uint32,
			engine.Uint64, engine.Bool, engine.Float16, engine.BFloat16, engine.Float64},
	})
}
