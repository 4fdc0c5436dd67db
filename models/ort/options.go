//go:build cgo

package ort

import (
	onnx "github.com/yalue/onnxruntime_go"

	"github.com/divinedevops/probe/machine"
	"github.com/divinedevops/probe/models/engine"
)

// externalFolder is the session entry that tells where the external data of a graph given as bytes lie
// (onnxruntime_session_options_config_keys.h).
const externalFolder = "session.model_external_initializers_file_folder_path"

// spinning lets the library's threads wait for work in a busy loop. It saves 1 ms a run on a quiet machine, and costs a
// third of the time on a busy one or under a container's quota.
const spinning = "session.intra_op.allow_spinning"

// newSessionOptions returns the library's own but for the above. Measured on all-MiniLM-L6-v2 (docs/engines.md): without the
// arena or without prepacking of weights a probe takes longer and no less memory; optimization level basic is no faster
// than all.
func newSessionOptions(g engine.Graph, o engine.Options) (_ *onnx.SessionOptions, err error) {
	opts, err := onnx.NewSessionOptions()
	if err != nil {
		return nil, loadError(err)
	}
	defer func() {
		if err != nil {
			_ = opts.Destroy()
		}
	}()
	threads := o.Threads
	if threads <= 0 {
		// A number is always set: left to itself ONNX Runtime ignores the container's quota and pins its threads to cores.
		threads = machine.Local().Threads()
	}
	set := []func() error{
		func() error { return opts.SetLogSeverityLevel(onnx.LoggingLevelFatal) },
		func() error { return opts.SetIntraOpNumThreads(threads) },
		func() error { return opts.SetInterOpNumThreads(1) },
		func() error { return opts.AddSessionConfigEntry(spinning, "0") },
	}
	if g.DataDir != "" {
		set = append(set, func() error { return opts.AddSessionConfigEntry(externalFolder, g.DataDir) })
	}
	for _, f := range set {
		if err := f(); err != nil {
			return nil, loadError(err)
		}
	}
	if err := providers.appendDevice(opts, o.Device); err != nil {
		return nil, err
	}
	return opts, nil
}
