package models

import (
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// outputs is which of a graph's outputs are read: the pooled vectors (batch x dim) and the token states
// (batch x seq x dim). At least one of pooled, states and image is set.
type outputs struct {
	pooled, states, image *tensor.Info
	// firstState says that image is the states of an image's patches, of which the first is taken.
	firstState bool
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

// pickOutputs chooses the outputs that can be an embedding by what they are: their type, their rank, and what they are
// computed from. Vectors are batch x dim (axes of length 1 do not count), token states batch x seq x dim. BERT's pooler is told
// by its graph, whatever it is called; so are the sides of a model of texts and images. Names decide between what is left.
// head is nil for a graph that was built here. Where there is none, the error is one of KindNotEmbedding.
func pickOutputs(all []tensor.Info, in *feeds, head *onnx.Head) (*outputs, error) {
	var pooled, image, poolers, states, patches []tensor.Info
	sides := sidesOf(in, head)
	for _, out := range all {
		name := strings.ToLower(strings.TrimSuffix(out.Name, ":0"))
		if slices.Contains(scoreNames, name) || strings.HasPrefix(name, "logits_per_") {
			continue
		}
		ofText, ofImage := sides(out.Name)
		vector, isVector := asVector(out, in)
		switch {
		case ofText == ofImage: // a comparison of both, or nothing that can be told
		case isVector && ofImage && in.text:
			image = append(image, vector)
		case isVector && isPooler(out, name, head):
			poolers = append(poolers, vector)
		case isVector:
			pooled = append(pooled, vector)
		case len(out.Shape) != 3 || !out.DType.Float():
		case ofImage:
			patches = append(patches, out)
		default:
			states = append(states, out)
		}
	}
	o := &outputs{
		pooled: best(pooled, pooledNames, head),
		states: best(states, stateNames, head),
		image:  best(image, imageNames, head),
	}
	if in.image && !in.text {
		// A vision tower: its pooled vector is the image's.
		if o.image = o.pooled; o.image == nil {
			o.image = best(poolers, poolerNames, head)
		}
		if o.image == nil {
			o.image = best(patches, stateNames, head)
			o.firstState = o.image != nil
		}
		o.pooled, o.states = nil, nil
	} else if o.pooled == nil && o.states == nil {
		o.pooled = best(poolers, poolerNames, head)
	}
	if o.pooled == nil && o.states == nil && o.image == nil {
		return nil, failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
			"expected a floating-point output of batch x dimension or batch x sequence x dimension, found %s: "+
				"the graph gives nothing that could be an embedding", describe(all))
	}
	return o, nil
}

// sidesOf returns what an output is of. In a graph that takes both texts and images the inputs are followed to the outputs;
// where that is not possible an output's name decides.
func sidesOf(in *feeds, head *onnx.Head) func(output string) (ofText, ofImage bool) {
	if !in.text || !in.image {
		return func(string) (bool, bool) { return in.text, in.image }
	}
	if head != nil {
		texts, images := head.Downstream(in.nameOf(roleIDs)), head.Downstream(in.nameOf(rolePixels))
		if texts != nil && images != nil {
			return func(output string) (bool, bool) { return texts[output], images[output] }
		}
	}
	return func(output string) (bool, bool) {
		image := slices.Contains(imageNames, strings.ToLower(output))
		return !image, image
	}
}

// asVector is an output that is one vector an input, as batch x dim: of floating-point numbers, or of 8 bits as vector stores
// keep them.
func asVector(out tensor.Info, in *feeds) (tensor.Info, bool) {
	if !out.DType.Float() && out.DType != tensor.Uint8 && out.DType != tensor.Int8 {
		return out, false
	}
	s := out.Shape
	switch {
	case len(s) == 2:
		return out, true
	case len(s) == 3 && s[1] == 1 && in.seq != 1:
		out.Shape = []int64{s[0], s[2]}
	case len(s) == 4 && s[2] == 1 && s[3] == 1:
		out.Shape = []int64{s[0], s[1]}
	default:
		return out, false
	}
	out.Symbols = nil
	return out, true
}

// isPooler reports whether an output is BERT's pooler. A graph tells it; without one the usual name does.
func isPooler(out tensor.Info, name string, head *onnx.Head) bool {
	if head != nil {
		return head.IsPooler(out.Name)
	}
	return slices.Contains(poolerNames, name)
}

// best is the output whose name stands first in the list. If none is listed it is one that no other candidate is computed
// from (a projection of the pooled states, not those), and among several the last in the order of the names' spelling: as good
// as any other, and the same on every run.
func best(candidates []tensor.Info, names []string, head *onnx.Head) *tensor.Info {
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
	chosen := -1
	for i, c := range candidates {
		if (chosen < 0 || c.Name > candidates[chosen].Name) && !goesOn(c, candidates, head) {
			chosen = i
		}
	}
	return &candidates[max(chosen, 0)]
}

// maxFollowed is the most candidates that are followed through a graph, each by a pass over it: no model has so many vectors.
const maxFollowed = 32

// goesOn reports whether another candidate is computed from c.
func goesOn(c tensor.Info, candidates []tensor.Info, head *onnx.Head) bool {
	if head == nil || len(candidates) < 2 || len(candidates) > maxFollowed {
		return false
	}
	reached := head.Downstream(c.Name)
	return slices.ContainsFunc(candidates, func(other tensor.Info) bool { return other.Name != c.Name && reached[other.Name] })
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
