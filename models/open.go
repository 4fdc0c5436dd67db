package models

import (
	"context"
	"time"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/source"
)

// Options choose how a model is opened.
type Options struct {
	// Source is how its files are found; Source.Endpoints is set from the kinds.
	Source source.Options
	// Tokenizer is a tokenizer.json to use in place of the model's own; "" takes the model's own.
	Tokenizer string
	// Pooling pools token states in place of what the files say or leave open; "" is theirs.
	Pooling pooling.Mode
	// Engine chooses the engine of a model of files. needed is false if the model runs on none (static embeddings).
	Engine func(needed bool) (engine.Engine, error)
	// Session is passed to the engine.
	Session engine.Options
	// Kinds are tried before those that are built in.
	Kinds []Kind
	// Begin is told what begins: "resolve", then "load". It may be nil.
	Begin func(step string)
	// Found is shown each part that is done, so that a caller knows what was found before a failure. It may be nil.
	Found func(Found)
	// Now is the clock for Found.Took; nil is time.Now.
	Now func() time.Time
}

// Found is one part of opening that is done: the one field that is set besides Took, which is how long it took.
type Found struct {
	Source *source.Source
	Card   *card.Card
	Engine engine.Engine
	Model  Model
	Took   time.Duration
}

// Opened is a model that is ready to run, with what was found on the way. The caller closes Model, then Engine.
type Opened struct {
	Model  Model
	Source *source.Source
	Card   *card.Card    // nil for an endpoint
	Engine engine.Engine // nil for an endpoint
}

// Kind is a kind of model: how it is told from others, and how it is opened. Adding one takes a file with its Model and a
// line in kinds.
type Kind struct {
	Name string
	// Scheme is what precedes the colon of a REF to an endpoint of this kind; "" for models of files.
	Scheme string
	// Is reports whether the files that were found are a model of this kind; the first kind that says so opens it. It is not
	// asked about an endpoint.
	Is func(*source.Source, *card.Card) bool
	// NoEngine reports that models of this kind run on no engine.
	NoEngine bool
	// Open makes the model. Errors are *failure.Error.
	Open func(context.Context, Opening) (Model, error)
}

// Opening is what a kind makes a model from.
type Opening struct {
	Source *source.Source
	Card   *card.Card    // nil for an endpoint
	Engine engine.Engine // nil for an endpoint
	// Session, Tokenizer and Pooling are those of Options.
	Session   engine.Options
	Tokenizer string
	Pooling   pooling.Mode
}

// kinds are the kinds of model, in the order in which they are tried.
func kinds() []Kind {
	return []Kind{
		{Name: "OpenAI's API", Scheme: "openai", Open: refuseEndpoint},
		{Name: "static embeddings", Is: isStatic, NoEngine: true, Open: openStaticEmbeddings},
		{Name: "word vectors", Is: hasWords, NoEngine: true, Open: refuseWords},
		{Name: "ONNX file", Is: hasONNX, Open: openONNXFile},
		{Name: "weights", Is: hasWeights, Open: openWeights},
	}
}

// Open makes a REF a model: it finds the files, reads the card, and opens what kind of model that is. Errors are
// *failure.Error.
func Open(ctx context.Context, ref string, o Options) (*Opened, error) {
	now := o.Now
	if now == nil {
		now = time.Now
	}
	began := now()
	found := func(f Found) {
		end := now()
		f.Took, began = end.Sub(began), end
		if o.Found != nil {
			o.Found(f)
		}
	}
	begin := func(step string) {
		if o.Begin != nil {
			o.Begin(step)
		}
	}
	known := append(append([]Kind{}, o.Kinds...), kinds()...)
	for _, k := range known {
		if k.Scheme != "" {
			o.Source.Endpoints = append(o.Source.Endpoints, k.Scheme)
		}
	}

	begin("resolve")
	src, err := source.Resolve(ref, o.Source)
	if err != nil {
		return nil, err
	}
	found(Found{Source: src})
	opened := &Opened{Source: src}
	if src.Kind != source.KindEndpoint {
		if opened.Card, err = card.Read(src); err != nil {
			return nil, err
		}
		found(Found{Card: opened.Card})
	}
	kind, err := kindOf(known, src, opened.Card)
	if err != nil {
		return nil, err
	}
	if src.Kind != source.KindEndpoint {
		begin("load")
		if opened.Engine, err = o.Engine(!kind.NoEngine); err != nil {
			return nil, err
		}
		found(Found{Engine: opened.Engine})
	}
	opened.Model, err = kind.Open(ctx, Opening{
		Source: src, Card: opened.Card, Engine: opened.Engine, Session: o.Session, Tokenizer: o.Tokenizer, Pooling: o.Pooling,
	})
	if err != nil {
		if opened.Engine != nil {
			_ = opened.Engine.Close() // the error that ended it is the one to tell
		}
		return nil, err
	}
	found(Found{Model: opened.Model})
	return opened, nil
}

// kindOf is the first kind that fits.
func kindOf(known []Kind, src *source.Source, c *card.Card) (*Kind, error) {
	for i, k := range known {
		endpoint := src.Kind == source.KindEndpoint
		if endpoint && k.Scheme == src.Endpoint || !endpoint && k.Is != nil && k.Is(src, c) {
			return &known[i], nil
		}
	}
	return nil, failure.Errorf(failure.StageLoad, failure.KindUnsupportedFormat,
		"%s: found no weights that probe can run", src.Ref)
}

// refuseEndpoint is for endpoints that are known by name and cannot be measured yet.
func refuseEndpoint(_ context.Context, o Opening) (Model, error) {
	return nil, failure.Errorf(failure.StageResolve, failure.KindUnsupportedModel,
		"%s is an HTTP endpoint; this version of probe measures models on this machine: a folder, an .onnx file or org/name",
		o.Source.Ref)
}
