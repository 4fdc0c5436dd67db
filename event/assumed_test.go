package event

import (
	"maps"
	"math"
	"testing"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/vocabulary"
)

// The mean of static embeddings is what they are, not an assumption.
func TestStaticEmbeddingsAssumeNothing(t *testing.T) {
	t.Parallel()
	r := miniLM()
	r.Model.ModelType = ptr("static")
	r.Findings = map[string]detect.Finding{vocabulary.KeyPooling: {Evidence: detect.PoolingEvidence{AppliedBy: "encoder"}}}
	if f := Facts(r, "x"); f.Pooling != "mean" || f.Normalization != "l2" {
		t.Errorf("found %+v", f)
	}
}

// An event says what was measured or nothing: what probe assumed in order to run is null, and so is what rests on it.
func TestAssumedPoolingIsNull(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		evidence any
		declared *string
		pooling  string // in the event; normalization and metric go with it
	}{
		"applied by the graph":         {detect.PoolingEvidence{AppliedBy: "graph"}, nil, "mean"},
		"applied by probe as declared": {detect.PoolingEvidence{AppliedBy: "encoder"}, ptr("mean"), "mean"},
		"applied by probe, assumed":    {detect.PoolingEvidence{AppliedBy: "encoder"}, nil, ""},
		"guessed from texts":           {detect.PoolingScores{}, nil, ""},
		"a guess that files confirm":   {detect.PoolingScores{}, ptr("mean"), ""},
	} {
		r := miniLM()
		r.Findings = map[string]detect.Finding{vocabulary.KeyPooling: {Value: "mean", Confidence: 0.9, Evidence: test.evidence}}
		r.Declared.Pooling = test.declared
		r.Drift = append(r.Drift, detect.Drift{Key: vocabulary.KeyPooling})
		f := Facts(r, "x")
		rests := f.Pooling == "" && f.Normalization == "" && f.DistanceMetric == "" && len(f.Drift) == 2
		measured := f.Pooling == "mean" && f.Normalization == "l2" && f.DistanceMetric == "cosine" && len(f.Drift) == 3
		if test.pooling == "" && !rests || test.pooling != "" && !measured {
			t.Errorf("%s: pooling %q, normalization %q, metric %q, drift %q", name, f.Pooling, f.Normalization, f.DistanceMetric, f.Drift)
		}
		if f.EmbeddingDimension == nil || f.MaxSequenceLength == nil || f.DType == "" {
			t.Errorf("%s: what does not rest on pooling is gone: %+v", name, f)
		}
	}
}

func TestMarksOfAReport(t *testing.T) {
	t.Parallel()
	got, err := marked([]byte(`{"assumed": {"pooling": {"value": "mean", "why": "no file says"}, "normalization": null},
		"findings": {"distance_metric": {"value": "cosine", "rests_on": ["pooling"]}, "dtype": {"value": "float32", "rests_on": []}}}`))
	if want := map[string]bool{"pooling": true, "distance_metric": true}; err != nil || !maps.Equal(got, want) {
		t.Errorf("found %v, %v, want %v", got, err, want)
	}
}

// A report that cannot be written down says nothing of what it assumed: nothing goes into the event.
func TestReportThatSaysNothing(t *testing.T) {
	t.Parallel()
	r := miniLM()
	r.Findings = map[string]detect.Finding{"finite": {Confidence: math.NaN()}}
	if f := Facts(r, "x"); f.Pooling != "" || f.EmbeddingDimension != nil || f.Modalities != nil || f.MaxSequenceLength != nil ||
		f.DType != "" || len(f.Drift) != 0 {
		t.Errorf("found %+v", f)
	}
}
