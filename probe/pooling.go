package probe

import (
	"github.com/divinedevops/probe/detect"
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
		f.ReasonCode = vocabulary.ReasonAssumed
		return f
	case s == nil && b.info.Text || known:
		return detect.Finding{}
	case b.info.Assumed != nil:
		return assumedPooling(b.info.Assumed.Why, b.info.Assumed.Pooling, b.info.Assumed.Asked)
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
func assumedPooling(why, mode string, asked bool) detect.Finding {
	f := detect.Finding{Value: detect.PoolingUnknown}
	if asked {
		f.Reason = "the vectors are pooled by " + mode + " as asked, which shows nothing of how the model was meant to be pooled"
		return f
	}
	f.Reason, f.ReasonCode = why+": the vectors are pooled by "+mode, vocabulary.ReasonAssumed
	return f
}

// poolingByTriplets guesses the pooling of token states that no file names one for, by how each way does on the triplets.
func poolingByTriplets(s *sentences) detect.Finding {
	var ways []detect.PooledTriplets
	for _, mode := range pooling.Modes() {
		ways = append(ways, detect.PooledTriplets{Pooling: string(mode), Vectors: s.of(s.modes[mode], s.judged.keep)})
	}
	return detect.PoolingByTriplets(ways)
}
