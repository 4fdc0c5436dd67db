package probe

import "github.com/divinedevops/probe/detect"

// complete are the short texts if all their runs are there; nil otherwise.
func (b *battery) complete() *shortTexts {
	if b.short == nil || !b.short.complete {
		return nil
	}
	return b.short
}

// measureBatchInvariance compares texts alone with the same texts in a batch.
func measureBatchInvariance(b *battery) detect.Finding {
	s := b.complete()
	if s == nil {
		return detect.Finding{}
	}
	var inBatch [][]float32
	for _, i := range s.picked {
		inBatch = append(inBatch, s.vectors[i])
	}
	return detect.BatchInvariance(vectorsOf(s.alone), inBatch, b.info.ComputeType)
}

// measurePaddingInvariance compares a text without padding with the same text padded.
func measurePaddingInvariance(b *battery) detect.Finding {
	s := b.complete()
	if s == nil {
		return detect.Finding{}
	}
	return detect.PaddingInvariance(vectorsOf(s.alone)[:1], s.padded.Vectors, b.info.ComputeType)
}

// measureDeterminism compares two runs of the same texts.
func measureDeterminism(b *battery) detect.Finding {
	s := b.complete()
	if s == nil {
		return detect.Finding{}
	}
	return detect.Determinism(vectorsOf(s.alone), vectorsOf(s.again), b.info.ComputeType)
}
