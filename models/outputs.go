package models

import (
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
)

// outputs is which of a graph's outputs are read: the pooled vectors (batch x dim) and the token states
// (batch x seq x dim). At least one of pooled, states and image is set.
type outputs struct {
	pooled, states, image *tensor.Info
}

// Names of outputs, best first. They rank outputs of the right type and rank among each other; an output is never taken
// for its position, and one that no list names is taken where it is the only one.
var (
	pooledNames = []string{"sentence_embedding", "text_embeds", "text_embedding", "embeddings", "embedding", "pooled"}
	imageNames  = []string{"image_embeds", "image_embedding"}
	stateNames  = []string{"last_hidden_state", "token_embeddings", "hidden_states"}
	// poolerNames are vectors that are there in many graphs and seldom the embedding: BERT's pooler is the head of its
	// next-sentence task. They come after everything else.
	poolerNames = []string{"pooler_output"}
	// scoreNames are no embeddings: what a classifier, a reranker or CLIP's comparison gives.
	scoreNames = []string{"logits", "scores", "score", "probabilities", "label", "labels", "start_logits", "end_logits"}
)

// pickOutputs chooses the outputs that can be an embedding by their type and rank: floating point, batch x dim for the
// pooled vectors, batch x seq x dim for token states. Where there is none, the error is one of KindNotEmbedding.
func pickOutputs(all []tensor.Info, in *feeds) (*outputs, error) {
	var pooled, image, poolers, states []tensor.Info
	for _, out := range all {
		name := strings.ToLower(strings.TrimSuffix(out.Name, ":0"))
		if !out.DType.Float() || slices.Contains(scoreNames, name) || strings.HasPrefix(name, "logits_per_") {
			continue
		}
		switch len(out.Shape) {
		case 2:
			switch {
			case slices.Contains(imageNames, name) && in.image:
				image = append(image, out)
			case slices.Contains(poolerNames, name):
				poolers = append(poolers, out)
			default:
				pooled = append(pooled, out)
			}
		case 3:
			states = append(states, out)
		}
	}
	o := &outputs{
		pooled: best(pooled, pooledNames),
		states: best(states, stateNames),
		image:  best(image, imageNames),
	}
	if in.image && !in.text {
		// A vision tower: its pooled vector is the image's; states of patches are no embedding by themselves.
		if o.image == nil {
			o.image = o.pooled
		}
		if o.image == nil {
			o.image = best(poolers, poolerNames)
		}
		o.pooled, o.states = nil, nil
	} else if o.pooled == nil && o.states == nil {
		o.pooled = best(poolers, poolerNames)
	}
	if o.pooled == nil && o.states == nil && o.image == nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
			"expected a floating-point output of batch x dimension or batch x sequence x dimension, found %s: "+
				"the graph gives nothing that could be an embedding", describe(all))
	}
	return o, nil
}

// best is the output whose name stands first in the list; where none is named, the last in the order of the names'
// spelling is as good as any other and the same on every run.
func best(candidates []tensor.Info, names []string) *tensor.Info {
	if len(candidates) == 0 {
		return nil
	}
	for _, name := range names {
		for i, c := range candidates {
			if strings.EqualFold(strings.TrimSuffix(c.Name, ":0"), name) {
				return &candidates[i]
			}
		}
	}
	last := 0
	for i, c := range candidates {
		if c.Name > candidates[last].Name {
			last = i
		}
	}
	return &candidates[last]
}

// prune drops BERT's pooler where token states will be pooled: nobody reads it.
func (o *outputs) prune(c *card.Card, asked bool) {
	if o.states != nil && o.pooled != nil && (c.Pooling != nil || asked) && slices.Contains(poolerNames, o.pooled.Name) {
		o.pooled = nil
	}
}

// infos lists the outputs that an engine has to compute.
func (o *outputs) infos() []tensor.Info {
	var infos []tensor.Info
	for _, out := range []*tensor.Info{o.pooled, o.states, o.image} {
		if out != nil {
			infos = append(infos, *out)
		}
	}
	return infos
}

// names lists the outputs to ask an engine for when texts are run.
func (o *outputs) names() []string {
	var names []string
	for _, out := range []*tensor.Info{o.pooled, o.states} {
		if out != nil {
			names = append(names, out.Name)
		}
	}
	return names
}
