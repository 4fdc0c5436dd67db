package gomlx

import (
	"context"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// Run feeds the inputs and computes all outputs of the session. See engine.Session.
func (s *session) Run(ctx context.Context, inputs []tensor.Named, outputs []string) ([]tensor.Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, timeout(failure.StageInference, err)
	}
	if err := s.start(); err != nil {
		return nil, err
	}
	type result struct {
		tensors []tensor.Tensor
		err     error
	}
	done := make(chan result, 1)
	go func() {
		var out []tensor.Tensor
		err := guard(func() (err error) {
			out, err = s.run(inputs, outputs)
			return err
		})
		if err != nil {
			err = runFailure(err, s.ran)
		} else {
			s.ran = true
		}
		s.ended()
		done <- result{out, err}
	}()
	select {
	case r := <-done:
		return r.tensors, r.err
	case <-ctx.Done():
		return nil, timeout(failure.StageInference, ctx.Err())
	}
}

func (s *session) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.running {
		return failure.Errorf(failure.StageInference, failure.KindInternal,
			"expected an open session that runs nothing else")
	}
	s.running = true
	return nil
}

// ended marks the run's end, and frees the session where Close was called meanwhile.
func (s *session) ended() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = false
	if s.doomed {
		s.free()
	}
}

func (s *session) run(inputs []tensor.Named, outputs []string) ([]tensor.Tensor, error) {
	fed, err := s.feed(inputs)
	defer finalize(fed)
	if err != nil {
		return nil, err
	}
	// Outputs come in the graph's order.
	at := make([]int, len(outputs))
	for i, name := range outputs {
		at[i] = -1
		for j, o := range s.model.OutputsMeta {
			if o.Name == name {
				at[i] = j
			}
		}
		if at[i] < 0 {
			return nil, failure.Errorf(failure.StageInference, failure.KindInternal, "the session has no output %q", name)
		}
	}
	got, err := s.model.GoMLXModel.Exec.Exec(fed)
	defer finalize(got)
	if err != nil {
		return nil, s.locate(err, fed)
	}
	out := make([]tensor.Tensor, len(outputs))
	for i, j := range at {
		if out[i], err = fromTensor(got[j]); err != nil {
			return nil, failure.Errorf(failure.StageInference, failure.KindInference, "output %q: %w", outputs[i], err)
		}
	}
	return out, nil
}

// feed copies the inputs into GoMLX's tensors, in the graph's order.
func (s *session) feed(inputs []tensor.Named) (fed []*tensors.Tensor, err error) {
	byName := make(map[string]tensor.Tensor, len(inputs))
	for _, in := range inputs {
		byName[in.Name] = in.Tensor
	}
	for _, info := range s.model.InputsMeta {
		t, ok := byName[info.Name]
		if !ok {
			return fed, failure.Errorf(failure.StageInference, failure.KindInternal,
				"expected a tensor for every input, found none for %q", info.Name)
		}
		v, err := newTensor(t)
		if err != nil {
			return fed, failure.Errorf(failure.StageInference, failure.KindInternal, "input %q: %w", info.Name, err)
		}
		fed = append(fed, v)
		delete(byName, info.Name)
	}
	for name := range byName {
		return fed, failure.Errorf(failure.StageInference, failure.KindInternal, "the session has no input %q", name)
	}
	return fed, nil
}

func finalize(ts []*tensors.Tensor) {
	for _, t := range ts {
		_ = t.FinalizeAll() // it fails for a tensor that was freed before, and is freed all the same
	}
}
