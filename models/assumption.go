package models

import (
	"strings"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/pooling"
)

// Assumption is how token states are pooled although no file says that this model's are: the vectors are those of a guess,
// and what is measured on them holds if it is right.
type Assumption struct {
	// Pooling is the mode, or several joined by "+".
	Pooling string
	// Why says what led to it.
	Why string
	// Normalized reports that a declared L2 normalization ends the model: the length of the vectors does not depend on it.
	Normalized bool
	// Asked reports that the caller decided it.
	Asked bool
}

// WhyAsked is Assumption.Why of what the caller decided.
const WhyAsked = "asked for"

// assumed is the assumption that a module rests on; nil if a file names its modes.
func assumed(p *card.PoolingConfig) *Assumption {
	if p.Assumed == "" {
		return nil
	}
	return &Assumption{Pooling: joinModes(p.Modes), Why: p.Assumed}
}

func joinModes(modes []pooling.Mode) string {
	names := make([]string, len(modes))
	for i, m := range modes {
		names[i] = string(m)
	}
	return strings.Join(names, "+")
}

// ask makes the pipeline pool as the caller asked, whatever the files say: in the place of their Pooling module, or right
// after the graph if they have none.
func (e *Encoder) ask(mode pooling.Mode) ([]card.Module, error) {
	if !e.hasStates || e.static() {
		return nil, failure.Errorf(failure.StageLoad, failure.KindUnsupportedModel,
			"expected token states to pool by %s as asked, found a model that returns one vector a text", mode)
	}
	e.info.Assumed = &Assumption{Pooling: string(mode), Why: WhyAsked, Asked: true}
	modules := append([]card.Module{}, e.card.Modules...)
	for i, m := range modules {
		if m.Kind == card.ModulePooling {
			asked := *m.Pooling
			asked.Modes, asked.Declared, asked.Assumed = []pooling.Mode{mode}, nil, ""
			modules[i].Pooling = &asked
			return modules, nil
		}
	}
	pool := card.Module{Index: 1, Kind: card.ModulePooling, Pooling: &card.PoolingConfig{Modes: []pooling.Mode{mode}, IncludePrompt: true}}
	if len(modules) == 0 {
		return []card.Module{{Kind: card.ModuleTransformer}, pool}, nil
	}
	return append(append(modules[:1:1], pool), modules[1:]...), nil
}
