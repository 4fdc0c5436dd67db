//go:build cgo

package ort

import (
	onnx "github.com/yalue/onnxruntime_go"

	"github.com/divinedevops/probe/models/engine"
)

// open tries the GPU first where the device is left open, and the CPU where that fails.
func (l ortEngine) open(g engine.Graph, o engine.Options) (*session, error) {
	g.Outputs = runnable(g.Outputs)
	g, err := detach(g)
	if err != nil {
		return nil, err
	}
	if o.Device.Kind == "auto" || o.Device.Kind == "" {
		o.Device = engine.Device{Kind: "cuda"}
		if providerMissing(loadedPath()) == nil {
			if s, err := l.openOn(g, o); err == nil {
				return s, nil
			}
		}
		o.Device = engine.Device{Kind: "cpu"}
	}
	return l.openOn(g, o)
}

func (l ortEngine) openOn(g engine.Graph, o engine.Options) (_ *session, err error) {
	s := &session{inputs: g.Inputs, outputs: g.Outputs, onlyCPU: o.Device.Kind == "cpu"}
	opts, err := sessionOptions(g, o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opts.Destroy() }()
	defer func() {
		if err != nil {
			s.free()
		}
	}()
	// Recording costs a third of a short run and 0.7 MB a run: nothing is recorded where there is one provider.
	if o.Profile && (!s.onlyCPU || l.profileCPU) {
		if s.profile, err = newProfileFile(o.TempDir); err != nil {
			return nil, err
		}
		if err := opts.EnableProfiling(s.profile.prefix()); err != nil {
			return nil, loadError(err)
		}
	}
	ins := names(s.inputs)
	if g.Path != "" {
		s.native, err = onnx.NewDynamicAdvancedSession(g.Path, ins, names(s.outputs), opts)
	} else {
		g = widenHalfOutputs(g)
		s.native, err = onnx.NewDynamicAdvancedSessionWithONNXData(g.Bytes, ins, nativeNames(s.outputs), opts)
	}
	if err != nil {
		return nil, loadError(err)
	}
	if s.profile != nil {
		if err := s.profile.opened(); err != nil {
			return nil, err
		}
	}
	return s, nil
}
