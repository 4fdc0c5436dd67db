package probe

import (
	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/vocabulary"
)

// measurePooling compares the vectors of the texts that ran alone with their token states. If no file names the pooling,
// the triplets decide once they ran.
func measurePooling(b *battery) detect.Finding {
	s := b.complete()
	_, known := b.findings[vocabulary.KeyPooling]
	switch {
	case b.sentences != nil && b.sentences.judged != nil && b.sentences.modes != nil:
		return poolingByTriplets(b.sentences)
	case s == nil || known:
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
	f := detect.Pooling(in)
	if b.info.PoolingFallback {
		// The model's own fallback would confirm itself.
		f.Value, f.Confidence = detect.PoolingUnknown, 0
		f.Reason = "the graph returns token states and no file names a pooling; the vectors here are their mean, " +
			"which is what sentence-transformers falls back to"
	}
	return f
}

// poolingByTriplets names the pooling of token states that no file names one for, by how each way does on the triplets.
func poolingByTriplets(s *sentences) detect.Finding {
	var ways []detect.PooledTriplets
	for _, mode := range pooling.Modes() {
		ways = append(ways, detect.PooledTriplets{Pooling: string(mode), Vectors: s.of(s.modes[mode], s.judged.keep)})
	}
	return detect.PoolingByTriplets(ways)
}
