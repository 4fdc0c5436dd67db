package ort

import (
	"fmt"

	"github.com/divinedevops/probe/machine"
)

// cuda runs on NVIDIA's GPUs.
var cuda = provider{
	name: "CUDAExecutionProvider", title: "CUDA", word: "cuda", numbered: true, deviceType: "cuda", gpu: true,
	systems: []string{"linux", "windows"}, library: "cuda", release: "onnxruntime-gpu",
	hardware: func(s machine.System) error {
		if loaded, expected := s.NVIDIADriver(); !loaded {
			return fmt.Errorf("no NVIDIA driver is loaded on this machine (expected one of %q)", expected)
		}
		return nil
	},
	ask: func(o sessionOptions, id string) error {
		return o.cuda(map[string]string{"device_id": asNumber(id)})
	},
	failed:      []string{"CUDA failure"},
	outOfMemory: []string{"CUDA_ERROR_OUT_OF_MEMORY", "CUBLAS_STATUS_ALLOC_FAILED"},
}
