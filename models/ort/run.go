//go:build cgo

package ort

import (
	"context"
	"reflect"
	"sync"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// Run feeds the inputs and computes all outputs of the session. See engine.Session.
func (s *session) Run(ctx context.Context, inputs []tensor.Named, outputs []string) ([]tensor.Tensor, error) {
	wanted, err := engine.Positions(s.outputs, outputs)
	if err != nil {
		return nil, err
	}
	fed, err := engine.InOrder(s.inputs, inputs)
	if err != nil {
		return nil, err
	}
	o := &runOptions{}
	return s.life.Run(ctx, func() ([]tensor.Tensor, error) {
		native, err := o.open()
		if err != nil {
			return nil, runError(err)
		}
		defer o.destroy()
		return s.compute(fed, wanted, native)
	}, o.terminate)
}

// compute runs the library over the caller's memory and copies the outputs wanted.
func (s *session) compute(inputs []tensor.Tensor, wanted []int, o *onnx.RunOptions) ([]tensor.Tensor, error) {
	values := make([]onnx.Value, len(inputs))
	defer destroyAll(values)
	for i, t := range inputs {
		var err error
		if values[i], err = newValue(t); err != nil {
			return nil, engine.BadInput(s.inputs[i].Name, err)
		}
	}
	outs := make([]onnx.Value, len(s.outputs))
	defer destroyAll(outs)
	if err := s.native.RunWithOptions(values, outs, o); err != nil {
		return nil, runError(err)
	}
	out := make([]tensor.Tensor, len(wanted))
	for i, at := range wanted {
		var err error
		if out[i], err = fromValue(outs[at], s.outputs[at].DType); err != nil {
			return nil, failure.Errorf(failure.StageInference, failure.KindInference, "output %q: %w", s.outputs[at].Name, err)
		}
	}
	return out, nil
}

// runOptions end a run from outside. mu guards against doing so after they were freed.
type runOptions struct {
	mu     sync.Mutex
	native *onnx.RunOptions // nil before open and after destroy
	ended  bool
}

func (o *runOptions) open() (_ *onnx.RunOptions, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return nil, context.Canceled // the caller has left already
	}
	o.native, err = onnx.NewRunOptions()
	return o.native, err
}

// terminate sets the flag that the library looks at between two nodes.
func (o *runOptions) terminate() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	if o.native != nil {
		_ = o.native.Terminate() // if it fails, the run goes on in the background to its own end
	}
}

func (o *runOptions) destroy() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.native != nil {
		_ = o.native.Destroy() // it cannot fail
		o.native = nil
	}
}

func destroyAll(values []onnx.Value) {
	for _, v := range values {
		// onnxruntime_go leaves a nil pointer of some tensor type where it could not wrap an output.
		if v != nil && !reflect.ValueOf(v).IsNil() {
			_ = v.Destroy() // it cannot fail
		}
	}
}
