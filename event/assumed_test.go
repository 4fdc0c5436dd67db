package event

import (
	"maps"
	"math"
	"testing"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// An event says what was measured or nothing: what probe assumed in order to run is null, and so is what rests on it.
func TestAssumedPoolingIsNull(t *testing.T) {
	t.Parallel()
	rests := func(value any) detect.Finding {
		return detect.Finding{Value: value, RestsOn: []string{vocabulary.KeyPooling}}
	}
	for name, test := range map[string]struct {
		assumed                 *probe.Assumed
		findings                map[string]detect.Finding
		pooling, normal, metric string // in the event
		drift                   int
	}{
		"nothing assumed": {nil, nil, "mean", "l2", "cosine", 3},
		"assumed": {&probe.Assumed{Value: "mean", Why: "no file says"}, map[string]detect.Finding{
			vocabulary.KeyNormalization: rests("l2"), vocabulary.KeyDistanceMetric: rests("cosine")}, "", "", "", 2},
		"asked, and normalized after it": {&probe.Assumed{Value: "mean", Why: "asked for"}, map[string]detect.Finding{
			vocabulary.KeyDistanceMetric: rests("cosine")}, "", "l2", "", 2},
	} {
		r := miniLM()
		r.Assumed = map[string]*probe.Assumed{vocabulary.KeyPooling: test.assumed, vocabulary.KeyDType: nil}
		r.Findings = test.findings
		r.Drift = append(r.Drift, detect.Drift{Key: vocabulary.KeyPooling})
		f := Facts(r, "x")
		if f.Pooling != test.pooling || f.Normalization != test.normal || f.DistanceMetric != test.metric || len(f.Drift) != test.drift {
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
