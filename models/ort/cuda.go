//go:build cgo

package ort

import (
	"strconv"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
)

// appendDevice adds the CUDA provider to the session's options where the device asks for it, and says what is missing
// where it cannot. Nothing takes the CPU in its place in silence: the nodes that the provider cannot run are counted by
// Session.Provider.
func appendDevice(opts *onnx.SessionOptions, d engine.Device) error {
	switch d.Kind {
	case "cpu":
		return nil
	case "cuda":
		if err := appendCUDA(opts, d.Index); err != nil {
			return failure.Errorf(failure.StageLoad, failure.KindDeviceUnavailable, "%s is not available: %w", d, err)
		}
		return nil
	}
	return failure.Errorf(failure.StageLoad, failure.KindDeviceUnavailable,
		"expected device auto, cpu or cuda:N, found %q", d.Kind)
}

func appendCUDA(opts *onnx.SessionOptions, index int) error {
	if err := providerMissing(loadedPath()); err != nil {
		return err
	}
	cuda, err := onnx.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	defer func() { _ = cuda.Destroy() }()
	if err := cuda.Update(map[string]string{"device_id": strconv.Itoa(index)}); err != nil {
		return err
	}
	return opts.AppendExecutionProviderCUDA(cuda)
}
