package probe

import (
	"context"
	"errors"
	"os"

	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/source"
)

// Opened is a model that is ready to run, with what was learned on the way.
type Opened struct {
	Model  models.Model
	Source *source.Source
	// Card and Backend are nil for an endpoint.
	Card    *card.Card
	Backend *Backend
}

// Close frees the session and the engine.
func (o *Opened) Close() error {
	err := o.Model.Close()
	if o.Backend != nil && o.Backend.Engine != nil {
		err = errors.Join(err, o.Backend.Engine.Close())
	}
	return err
}

// Open finds a model and makes it ready to run. Errors are *failure.Error.
func Open(ctx context.Context, o Options) (*Opened, error) {
	return open(ctx, o, false, func(step) {})
}

// step is one part of opening that is done; backend is set with Found.Engine.
type step struct {
	models.Found
	backend *Backend
}

// open is Open with a listener, so that a probe that fails or times out knows what was found before.
func open(ctx context.Context, o Options, profile bool, done func(step)) (*Opened, error) {
	getenv := o.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	find := source.Options{ONNXFile: o.ONNXFile, Env: getenv}
	if o.Safetensors {
		find.Prefer = source.FormatSafetensors
	}
	var backend *Backend
	opened, err := models.Open(ctx, o.Ref, models.Options{
		Source: find, Tokenizer: o.Tokenizer, Pooling: o.Pooling, Kinds: o.Kinds, Now: o.now,
		Session: engine.Options{Device: o.Device, Threads: o.Threads, Profile: profile, TempDir: o.TempDir},
		Engine: func(needed bool) (engine.Engine, error) {
			var err error
			if backend, err = chooseBackend(o, getenv, needed); err != nil {
				return nil, err
			}
			return backend.Engine, nil
		},
		Begin: o.step,
		Found: func(f models.Found) {
			s := step{Found: f}
			if f.Engine != nil {
				s.backend = backend
			}
			done(s)
		},
	})
	if err != nil {
		return nil, err
	}
	return &Opened{Model: opened.Model, Source: opened.Source, Card: opened.Card, Backend: backend}, nil
}
