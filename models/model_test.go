package models_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/source"
)

// capabilities names those that a model has.
func capabilities(m models.Model) string {
	var names []string
	add := func(name string, has bool) {
		if has {
			names = append(names, name)
		}
	}
	_, ids := models.As[models.TokenIDs](m)
	add("ids", ids)
	_, tokens := models.As[models.Tokens](m)
	add("tokens", tokens)
	_, states := models.As[models.States](m)
	add("states", states)
	_, padding := models.As[models.Padding](m)
	add("padding", padding)
	_, images := models.As[models.Images](m)
	add("images", images)
	_, provider := models.As[models.Provider](m)
	add("provider", provider)
	return strings.Join(names, " ")
}

// TestCapabilities opens models of every form: each has what its files hold and no more.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"bert-mean-l2", "", "ids tokens states padding provider"},
		{"static-st", "", "ids tokens states padding provider"},
		{"onnx-bare", "model.onnx", "ids states padding provider"},
		{"siglip", "", "ids tokens states padding images provider"},
		{"clip", "onnx/text_model.onnx", "ids tokens padding images provider"},
		{"clip", "onnx/vision_model.onnx", "images provider"},
	} {
		t.Run(c.name+"/"+c.file, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, capabilities(openModel(t, gomlx.New(), testenv.Zoo(c.name), c.file))); diff != "" {
				t.Errorf("capabilities (-want +got):\n%s", diff)
			}
		})
	}
}

// echo is a model of a kind that is defined here: the vector of a text is its length.
type echo struct{ closed *bool }

func (echo) Info() models.Info { return models.Info{Text: true, Unit: models.UnitCharacters} }

func (echo) Prepare(texts []string, o models.PrepareOptions) ([]models.Input, error) {
	var in []models.Input
	for _, text := range texts {
		in = append(in, models.Input{Text: o.Prompt + text, Cost: len(o.Prompt + text)})
	}
	return in, nil
}

func (echo) Run(_ context.Context, inputs []models.Input) (*models.Batch, error) {
	b := &models.Batch{}
	for _, in := range inputs {
		b.Vectors = append(b.Vectors, []float32{float32(in.Cost)})
	}
	return b, nil
}

func (e echo) Close() error { *e.closed = true; return nil }

// TestKind adds a kind of model behind a scheme of its own: no engine is asked for, and nothing but the four methods is
// there.
func TestKind(t *testing.T) {
	t.Parallel()
	closed := false
	var steps []string
	opened, err := models.Open(t.Context(), "echo:any", models.Options{
		Source: source.Options{Env: func(string) string { return "" }},
		Kinds: []models.Kind{{Name: "echo", Scheme: "echo", Open: func(_ context.Context, o models.Opening) (models.Model, error) {
			if o.Source.Model != "any" || o.Card != nil || o.Engine != nil {
				t.Errorf("opened from %+v", o)
			}
			return echo{&closed}, nil
		}}},
		Engine: func(bool) (engine.Engine, error) { return nil, errors.New("no engine is needed") },
		Begin:  func(step string) { steps = append(steps, step) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := capabilities(opened.Model); got != "" {
		t.Errorf("capabilities: %s", got)
	}
	in, err := opened.Model.Prepare([]string{"ab"}, models.PrepareOptions{Prompt: "c"})
	if err != nil {
		t.Fatal(err)
	}
	out, err := opened.Model.Run(t.Context(), in)
	if err != nil || out.Vectors[0][0] != 3 {
		t.Errorf("found %+v, %v", out, err)
	}
	if err := opened.Model.Close(); err != nil || !closed {
		t.Errorf("closed %t: %v", closed, err)
	}
	if diff := cmp.Diff([]string{"resolve"}, steps); diff != "" {
		t.Error(diff)
	}
}

// TestUnknownKinds: an endpoint that is known by name alone, and a folder in which there is nothing to run.
func TestUnknownKinds(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]failure.Kind{
		"openai:text-embedding-3-small": failure.KindUnsupportedModel,
		t.TempDir():                     failure.KindNotFound,
	} {
		_, err := models.Open(t.Context(), ref, models.Options{Source: source.Options{Env: func(string) string { return "" }}})
		var e *failure.Error
		if !errors.As(err, &e) || e.Stage != failure.StageResolve || e.Kind != want {
			t.Errorf("%s: expected %s, found %v", ref, want, err)
		}
	}
}
