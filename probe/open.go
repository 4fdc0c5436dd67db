package probe

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/source"
)

// Opened is a model that is ready to run, with what was learned on the way.
type Opened struct {
	Source  *source.Source
	Card    *card.Card
	Backend *Backend
	Encoder *models.Encoder
}

// Close frees the session and the engine.
func (o *Opened) Close() error {
	err := o.Encoder.Close()
	if o.Backend != nil && o.Backend.Engine != nil {
		err = errors.Join(err, o.Backend.Engine.Close())
	}
	return err
}

// Open finds a model and makes it ready to run. Errors are *failure.Error.
func Open(ctx context.Context, o Options) (*Opened, error) {
	return open(ctx, o, false, func(step) {})
}

// step is one part of opening that is done, with how long it took. The parts that exist by then are set.
type step struct {
	source  *source.Source
	card    *card.Card
	backend *Backend
	encoder *models.Encoder
	took    time.Duration
}

// open is Open with a listener, so that a probe that fails or times out knows what was found before.
func open(ctx context.Context, o Options, profile bool, done func(step)) (*Opened, error) {
	getenv := o.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	began := o.now()
	lap := func() time.Duration {
		now := o.now()
		took := now.Sub(began)
		began = now
		return took
	}

	o.step("resolve")
	find := source.Options{ONNXFile: o.ONNXFile, Env: getenv}
	if o.Safetensors {
		find.Prefer = source.FormatSafetensors
	}
	src, err := source.Resolve(o.Ref, find)
	if err != nil {
		return nil, err
	}
	if src.Kind == source.KindEndpoint {
		return nil, failure.Errorf(failure.StageResolve, failure.KindUnsupportedModel,
			"%s is an HTTP endpoint; this version of probe measures models on this machine: a folder, an .onnx file or org/name",
			o.Ref)
	}
	done(step{source: src, took: lap()})

	crd, err := card.Read(src)
	if err != nil {
		return nil, err
	}
	done(step{card: crd, took: lap()})

	o.step("load")
	backend, err := chooseBackend(o, getenv, models.NeedsEngine(crd))
	if err != nil {
		return nil, err
	}
	done(step{backend: backend, took: lap()})

	opened := &Opened{Source: src, Card: crd, Backend: backend}
	opened.Encoder, err = models.Open(ctx, src, crd, backend.Engine, models.Options{
		Tokenizer: o.Tokenizer,
		Session: engine.Options{
			Device: o.Device, Threads: o.Threads, Profile: profile, TempDir: o.TempDir,
		},
	})
	if err != nil {
		return nil, errors.Join(err, backend.Engine.Close())
	}
	done(step{encoder: opened.Encoder, took: lap()})
	return opened, nil
}
