package probe

import (
	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/vocabulary"
)

// measurePooling compares the vectors of the texts that ran alone with their token states. Where the pooling was assumed
// there is nothing to find, for it would confirm itself: the triplets allow a guess once they ran.
func measurePooling(b *battery) detect.Finding {
	s := b.complete()
	_, known := b.findings[vocabulary.KeyPooling]
	switch {
	case b.sentences != nil && b.sentences.judged != nil && b.sentences.modes != nil:
		f := poolingByTriplets(b.sentences)
		f.Reason += b.pooledAsKnown()
		f.ReasonCode = vocabulary.ReasonAssumed
		return f
	case s == nil && b.info.Text || known:
		return detect.Finding{}
	case b.info.Assumed != nil:
		f := assumedPooling(b.info.Assumed)
		if b.states == nil {
			f.ReasonCode = "" // the states of images cannot be pooled in another way
		}
		f.Reason += b.pooledAsKnown()
		return f
	case s == nil:
		return detect.Finding{}
	}
	in := detect.PoolingInput{
		Vectors: vectorsOf(s.alone), InGraph: b.info.InGraph, DType: b.info.ComputeType, PromptLength: s.promptLength,
	}
	for _, one := range s.alone {
		if one.States != nil {
			in.States = append(in.States, detect.TokenStates{States: one.States, Mask: one.Mask, Dim: one.StateDim})
		}
	}
	if b.states != nil {
		in.Next, in.NextIn = b.states.AfterPooling(), b.states.PooledWidth()
	}
	return detect.Pooling(in)
}

// assumedPooling is the finding of a pooling that nothing measured can tell.
func assumedPooling(a *models.Assumption) detect.Finding {
	f := detect.Finding{Value: detect.PoolingUnknown}
	if a.Asked {
		f.Reason = "the vectors are pooled by " + a.Pooling + " as asked, which shows nothing of how the model was meant to be pooled"
		return f
	}
	f.Reason, f.ReasonCode = a.Why+": the vectors are pooled by "+a.Pooling, vocabulary.ReasonAssumed
	return f
}

// pooledAsKnown is a hint for a reader: the fingerprint is of the vectors as they are pooled here, so one that is a known model's
// own was made as that model's publisher pools it. One that is near may be of another form of it, or of another pooling.
func (b *battery) pooledAsKnown() string {
	known := b.findings[vocabulary.KeyKnownAs]
	name, ok := known.Value.(string)
	switch {
	case !ok:
		return ""
	case isSame(known):
		return "; pooled by " + b.info.Assumed.Pooling + " it has the fingerprint of " + name + " as published"
	}
	return "; pooled by " + b.info.Assumed.Pooling + " it is near the fingerprint of " + name + " as published"
}

// isSame reports whether a known model is the very function that was measured.
func isSame(known detect.Finding) bool {
	e, ok := known.Evidence.(detect.KnownEvidence)
	return ok && e.Relation == detect.RelationSame
}

// poolingByTriplets guesses the pooling of token states that no file names one for, by how each way does on the triplets.
func poolingByTriplets(s *sentences) detect.Finding {
	var ways []detect.PooledTriplets
	for _, mode := range pooling.Modes() {
		ways = append(ways, detect.PooledTriplets{Pooling: string(mode), Vectors: s.of(s.modes[mode], s.judged.keep)})
	}
	return detect.PoolingByTriplets(ways)
}
