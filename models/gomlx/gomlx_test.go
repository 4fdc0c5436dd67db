package gomlx_test

import (
	"testing"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/enginetest"
	"github.com/divinedevops/probe/models/gomlx"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	enginetest.Conformance(t, enginetest.Engine{
		Engine: gomlx.New(), Provider: gomlx.Name,
		DTypes: []engine.DType{engine.Uint8, engine.Int8, engine.Uint16, engine.Int16, engine.Int32, engine.Uint32,
			engine.Uint64, engine.Bool, engine.Float16, engine.BFloat16, engine.Float64},
	})
}
