package gomlx

import (
	"context"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/vocabulary"
)

// library is the engine; it has no state.
type library struct{}

// New returns the engine. It costs nothing and cannot fail.
func New() engine.Engine { return library{} }

func (library) Name() string    { return Name }
func (library) Version() string { return Version }
func (library) Close() error    { return nil }

// Open makes a session. See engine.Engine.
func (library) Open(ctx context.Context, g engine.Graph, o engine.Options) (engine.Session, error) {
	return engine.OpenSession(ctx, g, func() (*session, error) {
		if !o.Device.AllowsCPU() {
			return nil, failure.Errorf(failure.StageLoad, failure.KindDeviceUnavailable,
				"%s is not available: the pure Go engine runs on the CPU only", o.Device).With(vocabulary.RemedyONNXRuntime)
		}
		return open(ctx, g, o)
	})
}
