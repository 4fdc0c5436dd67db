package gomlx

import (
	"fmt"
	"reflect"

	"github.com/gomlx/compute"
)

// opsSequential is GoMLX's OpsExecutionSequential, a constant of an internal package.
const opsSequential = 2

// setSequential makes GoMLX's backend run one node of a graph after the other; each node still spreads over all workers.
//
// GoMLX 0.28.2 otherwise starts nodes that do not wait for each other as tasks of the very pool of workers whose workers
// each matrix product then waits for (Pool.Saturate): where as many products as there are workers start at once, each
// waits for the others and none ever ends. CLIP's towers and DeBERTa's relative positions do that in most runs. Like
// setThreads it reaches the field by reflection, and a test sees that the order is kept.
func setSequential(backend compute.Backend) error {
	mode := reflect.Indirect(reflect.ValueOf(backend)).FieldByName("OpsExecutionType")
	if !mode.IsValid() || !mode.CanSet() || mode.Kind() != reflect.Int {
		return fmt.Errorf("expected GoMLX's backend %T to have an OpsExecutionType", backend)
	}
	mode.SetInt(opsSequential)
	return nil
}
