package gomlx

import (
	"context"
	"os"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
)

// library is the engine; it has no state.
type library struct{}

// New gives the engine. It costs nothing and cannot fail.
func New() engine.Engine { return library{} }

func (library) Name() string    { return Name }
func (library) Version() string { return Version }
func (library) Close() error    { return nil }

// Open makes a session. See engine.Engine.
func (library) Open(ctx context.Context, g engine.Graph, o engine.Options) (engine.Session, error) {
	if (g.Path == "") == (len(g.Bytes) == 0) {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInternal,
			"expected a graph by path or by bytes, found both or neither")
	}
	if len(g.Inputs) == 0 || len(g.Outputs) == 0 {
		return nil, failure.Errorf(failure.StageLoad, failure.KindNotEmbedding,
			"expected a graph with inputs and outputs, found %d and %d", len(g.Inputs), len(g.Outputs))
	}
	switch o.Device.Kind {
	case "", "auto", "cpu":
	default:
		return nil, failure.Errorf(failure.StageLoad, failure.KindDeviceUnavailable,
			"%s is not available: the pure Go engine runs on the CPU only; a GPU needs --backend onnxruntime", o.Device)
	}
	if err := ctx.Err(); err != nil {
		return nil, timeout(failure.StageLoad, err)
	}
	if o.TempDir == "" {
		o.TempDir = os.TempDir()
	}
	// GoMLX cannot be cancelled. Where ctx ends first the goroutine goes on and frees what it made.
	done := make(chan *session, 1)
	failed := make(chan error, 1)
	go func() {
		s, err := open(ctx, g, o)
		if err != nil {
			failed <- err
			return
		}
		done <- s
	}()
	select {
	case s := <-done:
		return s, nil
	case err := <-failed:
		return nil, err
	case <-ctx.Done():
		go func() {
			select {
			case s := <-done:
				s.free()
			case <-failed:
			}
		}()
		return nil, timeout(failure.StageLoad, ctx.Err())
	}
}
