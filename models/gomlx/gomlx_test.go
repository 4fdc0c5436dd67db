package gomlx_test

import (
	"testing"

	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/tensor"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	enginetest.Conformance(t, enginetest.Engine{
		Engine: gomlx.New(), Provider: gomlx.Name,
		DTypes: []tensor.DType{tensor.Uint8, tensor.Int8, tensor.Uint16, tensor.Int16, tensor.Int32, tensor.Uint32,
			tensor.Uint64, tensor.Bool, tensor.Float16, tensor.BFloat16, tensor.Float64},
	})
}
