//go:build cgo

package ort

import (
	"context"
	"reflect"

	onnx "github.com/yalue/onnxruntime_go"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// Run feeds the inputs and computes all outputs of the session. See engine.Session.
func (s *session) Run(ctx context.Context, inputs []tensor.Named, outputs []string) ([]tensor.Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, timeout(failure.StageInference, err)
	}
	wanted, err := s.indexes(outputs)
	if err != nil {
		return nil, err
	}
	values, err := s.inputValues(inputs)
	if err != nil {
		return nil, err
	}
	runOpts, err := onnx.NewRunOptions()
	if err != nil {
		destroyAll(values)
		return nil, runError(err)
	}
	s.mu.Lock()
	if s.closed || s.running {
		s.mu.Unlock()
		destroyAll(values)
		_ = runOpts.Destroy()
		return nil, failure.Errorf(failure.StageInference, failure.KindInternal,
			"expected an open session that runs nothing else")
	}
	s.running = true
	s.mu.Unlock()

	type result struct {
		values []onnx.Value
		err    error
	}
	done := make(chan result, 1)
	terminate := make(chan struct{})
	go func() {
		outs := make([]onnx.Value, len(s.outputs))
		err := s.native.RunWithOptions(values, outs, runOpts)
		// The session is free before its result is handed over: the caller may run it again at once.
		s.ended(values)
		done <- result{outs, err}
		<-terminate
		_ = runOpts.Destroy()
	}()
	select {
	case r := <-done:
		close(terminate)
		defer destroyAll(r.values)
		if r.err != nil {
			return nil, runError(r.err)
		}
		return s.take(r.values, wanted)
	case <-ctx.Done():
		// The library looks at the flag between two nodes.
		_ = runOpts.Terminate()
		close(terminate)
		go func() { destroyAll((<-done).values) }()
		return nil, timeout(failure.StageInference, ctx.Err())
	}
}

// ended marks the run's end, and frees the session where Close was called meanwhile.
func (s *session) ended(inputs []onnx.Value) {
	destroyAll(inputs)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = false
	if s.doomed {
		s.free()
	}
}

// indexes finds the outputs asked for among those of the session.
func (s *session) indexes(outputs []string) ([]int, error) {
	at := make([]int, len(outputs))
	for i, name := range outputs {
		at[i] = -1
		for j, o := range s.outputs {
			if o.Name == name {
				at[i] = j
			}
		}
		if at[i] < 0 {
			return nil, failure.Errorf(failure.StageInference, failure.KindInternal,
				"expected one of the outputs %q, found %q", names(s.outputs), name)
		}
	}
	return at, nil
}

// inputValues makes the library's values over the caller's memory, in the session's order.
func (s *session) inputValues(inputs []tensor.Named) (values []onnx.Value, err error) {
	byName := make(map[string]tensor.Tensor, len(inputs))
	for _, in := range inputs {
		byName[in.Name] = in.Tensor
	}
	defer func() {
		if err != nil {
			destroyAll(values)
		}
	}()
	for _, info := range s.inputs {
		t, ok := byName[info.Name]
		if !ok {
			return values, failure.Errorf(failure.StageInference, failure.KindInternal,
				"expected a tensor for every input, found none for %q", info.Name)
		}
		v, err := newValue(t)
		if err != nil {
			return values, failure.Errorf(failure.StageInference, failure.KindInternal, "input %q: %w", info.Name, err)
		}
		values = append(values, v)
		delete(byName, info.Name)
	}
	for name := range byName {
		return values, failure.Errorf(failure.StageInference, failure.KindInternal,
			"expected inputs %q, found %q", names(s.inputs), name)
	}
	return values, nil
}

// take turns the library's outputs into tensors of the caller's own.
func (s *session) take(values []onnx.Value, wanted []int) ([]tensor.Tensor, error) {
	out := make([]tensor.Tensor, len(wanted))
	for i, at := range wanted {
		t, err := fromValue(values[at], s.outputs[at].DType)
		if err != nil {
			return nil, failure.Errorf(failure.StageInference, failure.KindInference, "output %q: %w", s.outputs[at].Name, err)
		}
		out[i] = t
	}
	return out, nil
}

func destroyAll(values []onnx.Value) {
	for _, v := range values {
		// onnxruntime_go leaves a nil pointer of some tensor type where it could not wrap an output.
		if v != nil && !reflect.ValueOf(v).IsNil() {
			_ = v.Destroy() // it has no failing path
		}
	}
}
