package gomlx

import (
	"fmt"
	"reflect"

	"github.com/gomlx/compute"
)

// setThreads bounds the workers of GoMLX's backend; 0 leaves its own choice, two for each usable core.
//
// The setting exists as a configuration string, which hugot does not pass on and which prints to stdout. So the
// backend's exported field is reached by reflection, its type being internal; a test sees that it is there.
func setThreads(backend compute.Backend, threads int) error {
	if threads <= 0 {
		return nil
	}
	workers := reflect.Indirect(reflect.ValueOf(backend)).FieldByName("Workers")
	if workers.IsValid() {
		if set := workers.MethodByName("SetMaxParallelism"); set.IsValid() {
			if threads == 1 {
				threads = 0 // GoMLX's word for no workers besides the caller
			}
			set.Call([]reflect.Value{reflect.ValueOf(threads)})
			return nil
		}
	}
	return fmt.Errorf("expected GoMLX's backend %T to have Workers.SetMaxParallelism", backend)
}
