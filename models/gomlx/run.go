package gomlx

import (
	"context"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// Run feeds the inputs and computes all outputs of the session. See engine.Session.
func (s *session) Run(ctx context.Context, inputs []tensor.Named, outputs []string) ([]tensor.Tensor, error) {
	wanted, err := engine.Positions(s.results, outputs)
	if err != nil {
		return nil, err
	}
	fed, err := engine.InOrder(s.params, inputs)
	if err != nil {
		return nil, err
	}
	return s.life.Run(ctx, func() (out []tensor.Tensor, err error) {
		err = guard(func() error {
			out, err = s.compute(fed, wanted)
			return err
		})
		if err != nil {
			return nil, runFailure(err, s.ran)
		}
		s.ran = true
		return out, nil
	}, nil)
}

// compute copies the inputs into GoMLX's tensors, runs the graph and copies the outputs wanted.
func (s *session) compute(inputs []tensor.Tensor, wanted []int) ([]tensor.Tensor, error) {
	fed := make([]*tensors.Tensor, 0, len(inputs))
	defer func() { finalize(fed) }()
	for i, t := range inputs {
		v, err := newTensor(t)
		if err != nil {
			return nil, engine.BadInput(s.params[i].Name, err)
		}
		fed = append(fed, v)
	}
	got, err := s.model.GoMLXModel.Exec.Exec(fed)
	defer finalize(got)
	if err != nil {
		return nil, s.locate(err, fed)
	}
	if err := check(s.notes.bounds, s.results, got); err != nil {
		return nil, err
	}
	out := make([]tensor.Tensor, len(wanted))
	for i, j := range wanted {
		if out[i], err = fromTensor(got[j]); err != nil {
			return nil, failure.Errorf(failure.StageInference, failure.KindInference, "output %q: %w", s.results[j].Name, err)
		}
	}
	return out, nil
}

func finalize(ts []*tensors.Tensor) {
	for _, t := range ts {
		_ = t.FinalizeAll() // it fails for a tensor that was freed before, and is freed all the same
	}
}
