//go:build cgo

package ort

import (
	onnx "github.com/yalue/onnxruntime_go"

	"github.com/divinedevops/probe/machine"
	"github.com/divinedevops/probe/models/engine"
)

// open tries the GPUs first if the device is left open, and the CPU if they fail.
func (l ortEngine) open(g engine.Graph, o engine.Options) (*session, error) {
	g.Outputs = runnable(g.Outputs)
	g, err := detach(g)
	if err != nil {
		return nil, err
	}
	here := machine.Local()
	o.Device = providers.resolve(o.Device, here.OS)
	if o.Device.Kind != engine.Auto && o.Device.Kind != "" {
		return l.openOn(g, o)
	}
	for _, p := range providers.gpus(here.OS) {
		o.Device = p.first()
		if p.missing(loadedPath(), here) == nil {
			if s, err := l.openOn(g, o); err == nil {
				return s, nil
			}
		}
	}
	o.Device = engine.Device{Kind: engine.CPU}
	return l.openOn(g, o)
}

func (l ortEngine) openOn(g engine.Graph, o engine.Options) (_ *session, err error) {
	s := &session{inputs: g.Inputs, outputs: g.Outputs, onlyCPU: o.Device.Kind == engine.CPU}
	s.life = engine.NewLifetime(s.free)
	opts, err := newSessionOptions(g, o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opts.Destroy() }()
	defer func() {
		if err != nil {
			s.free()
		}
	}()
	// Recording costs a third of a short run and 0.7 MB a run: nothing is recorded if there is only one provider.
	if o.Profile && (!s.onlyCPU || l.profileCPU) {
		if s.profile, err = newProfileFile(o.TempDir); err != nil {
			return nil, err
		}
		if err := opts.EnableProfiling(s.profile.prefix()); err != nil {
			return nil, loadError(err)
		}
	}
	ins := engine.Names(s.inputs)
	if g.Path != "" {
		s.native, err = onnx.NewDynamicAdvancedSession(g.Path, ins, engine.Names(s.outputs), opts)
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
