//go:build cgo

package ort

import (
	onnx "github.com/yalue/onnxruntime_go"

	"github.com/divinedevops/probe/machine"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/vocabulary"
)

// appendDevice adds the device's provider to the session's options, and says what is missing if it cannot. Nothing takes
// the CPU in its place in silence: Session.Provider counts the nodes that the provider leaves to the CPU.
func (t table) appendDevice(opts *onnx.SessionOptions, d engine.Device) error {
	p := t.find(d.Kind)
	if p == nil {
		return unusable("%w", unknownDevice(t, d.String())).With(vocabulary.RemedyOtherDevice)
	}
	if err := p.missing(loadedPath(), machine.Local()); err != nil {
		return unusable("%s is not available: %w", d, err).With(err.Remedies...)
	}
	if err := p.ask(nativeOptions{opts}, d.ID); err != nil {
		return unusable("%s is not available: %w", d, err).With(vocabulary.RemedyOtherDevice)
	}
	return nil
}

// nativeOptions ask the library.
type nativeOptions struct{ *onnx.SessionOptions }

func (o nativeOptions) byName(name string, settings map[string]string) error {
	return o.AppendExecutionProvider(name, settings)
}

func (o nativeOptions) cuda(settings map[string]string) error {
	options, err := onnx.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	defer func() { _ = options.Destroy() }()
	if err := options.Update(settings); err != nil {
		return err
	}
	return o.AppendExecutionProviderCUDA(options)
}
