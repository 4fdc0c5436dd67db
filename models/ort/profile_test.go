package ort

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/models/engine"
)

// What a profile of ONNX Runtime 1.31.1 holds: session events, and of each node one before and one of its kernel.
const (
	sessionEvent = `{"cat" : "Session","pid" :1,"tid" :2,"dur" :9,"ts" :1,"ph" : "X","name" :"model_run","args" : {}}`
	fenceEvent   = `{"cat" : "Node","name" :"MatMul_fence_before","args" : {"op_name" : "MatMul"}}`
	cpuEvent     = `{"cat" : "Node","name" :"Add_kernel_time","args" : {"provider" : "CPUExecutionProvider","op_name" : "Add"}}`
	cudaEvent    = `{"cat" : "Node","name" :"MatMul_kernel_time","args" : {"provider" : "CUDAExecutionProvider","node_index" : "3",` +
		`"input_type_shape" : [{"float":[2,9,384]}]}}`
)

func TestCountProviders(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		events []string
		want   engine.Provider
	}{
		"cpu": {[]string{sessionEvent, fenceEvent, cpuEvent, cpuEvent},
			engine.Provider{Name: CPUProvider, DeviceType: "cpu", Nodes: map[string]int{CPUProvider: 2}}},
		"mostly cuda": {[]string{cpuEvent, cudaEvent, cudaEvent},
			engine.Provider{Name: cuda.name, DeviceType: "cuda", Nodes: map[string]int{CPUProvider: 1, cuda.name: 2}}},
		"mostly cpu": {[]string{cudaEvent, cpuEvent, cpuEvent},
			engine.Provider{Name: CPUProvider, DeviceType: "cpu", Nodes: map[string]int{CPUProvider: 2, cuda.name: 1}}},
	} {
		got, err := countProviders(strings.NewReader("[\n" + strings.Join(test.events, ",\n") + "\n]\n"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "no array": "{}", "no nodes": "[" + sessionEvent + "]", "cut": "[" + cpuEvent + ",{",
	} {
		if got, err := countProviders(strings.NewReader(text)); err == nil {
			t.Errorf("%s: expected an error, found %+v", name, got)
		}
	}
}
