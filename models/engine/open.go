package engine

import (
	"context"

	"github.com/divinedevops/probe/models/failure"
)

// check refuses what no engine can open.
func (g Graph) check() error {
	if (g.Path == "") == (len(g.Bytes) == 0) {
		found := "both"
		if g.Path == "" {
			found = "neither"
		}
		return failure.Errorf(failure.StageLoad, failure.KindInternal,
			"expected a graph by path or by bytes, found %s", found)
	}
	if len(g.Inputs) == 0 || len(g.Outputs) == 0 {
		return failure.Errorf(failure.StageLoad, failure.KindNotEmbedding,
			"expected a graph with inputs and outputs, found %d and %d", len(g.Inputs), len(g.Outputs))
	}
	return nil
}

// OpenSession is an Engine's Open over open, which makes the session and cannot be canceled: if ctx ends first, open
// goes on in the background and its session is closed as soon as it is there.
func OpenSession[S Session](ctx context.Context, g Graph, open func() (S, error)) (Session, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, Timeout(failure.StageLoad, err)
	}
	type result struct {
		session S
		err     error
	}
	done := make(chan result, 1)
	go func() {
		s, err := open()
		done <- result{s, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, r.err
		}
		return r.session, nil
	case <-ctx.Done():
		go func() {
			if r := <-done; r.err == nil {
				_ = r.session.Close() // nobody is left to hear of it
			}
		}()
		return nil, Timeout(failure.StageLoad, ctx.Err())
	}
}
