package detect

import (
	"reflect"
	"testing"
)

func TestCompareDeclared(t *testing.T) {
	t.Parallel()
	metrics := DistanceEvidence{EquivalentMetrics: []string{MetricCosine, MetricDot, MetricEuclidean}}
	for name, c := range map[string]struct {
		key      string
		declared any
		measured Finding
		drift    bool
	}{
		"numbers":                {"embedding_dimension", 384, Finding{Value: 384}, false},
		"numbers from JSON":      {"embedding_dimension", 384.0, Finding{Value: 384}, false},
		"other numbers":          {"max_sequence_length", int64(512), Finding{Value: 256}, true},
		"nearly":                 {"embedding_dimension", 384.5, Finding{Value: 384}, true},
		"number and name":        {"embedding_dimension", "384", Finding{Value: 384}, true},
		"names":                  {"pooling", "mean", Finding{Value: "mean"}, false},
		"old names":              {"pooling", "pooling_mode_cls_token", Finding{Value: "cls"}, false},
		"other names":            {"pooling", "cls", Finding{Value: "mean"}, true},
		"nothing declared":       {"pooling", nil, Finding{Value: "mean"}, false},
		"empty":                  {"pooling", "", Finding{Value: "mean"}, false},
		"nothing measured":       {"pooling", "mean", Finding{Reason: "x"}, false},
		"unknown":                {"pooling", "mean", Finding{Value: PoolingUnknown}, false},
		"in graph":               {"pooling", "mean", Finding{Value: PoolingInGraph}, false},
		"not measured at all":    {"prompts", "query: ", Finding{}, false},
		"equivalent":             {"distance_metric", "dot", Finding{Value: "cosine", Evidence: metrics}, false},
		"equivalent by synonym":  {"distance_metric", "Dot-Product", Finding{Value: "cosine", Evidence: metrics}, false},
		"not equivalent":         {"distance_metric", "manhattan", Finding{Value: "cosine", Evidence: metrics}, true},
		"without equivalents":    {"distance_metric", "dot", Finding{Value: "cosine"}, true},
		"lists":                  {"modalities", []string{"image", "text"}, Finding{Value: []string{"text", "image"}}, false},
		"other lists":            {"modalities", []string{"image", "text"}, Finding{Value: []string{"text"}}, true},
		"normalization":          {"normalization", true, Finding{Value: "l2"}, false},
		"normalization declared": {"normalization", "l2", Finding{Value: "none"}, true},
		"l2 is a metric too":     {"distance_metric", "l2", Finding{Value: "euclidean"}, false},
	} {
		got := CompareDeclared(map[string]any{c.key: c.declared}, map[string]Finding{c.key: c.measured})
		if (len(got) == 1) != c.drift {
			t.Errorf("%s: %v", name, got)
		}
		if c.drift && len(got) == 1 && !reflect.DeepEqual(got[0], Drift{c.key, c.declared, c.measured.Value}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	none := CompareDeclared(nil, nil)
	if none == nil || len(none) != 0 {
		t.Errorf("without anything: %v, want an empty list", none)
	}
	many := CompareDeclared(map[string]any{"pooling": "cls", "embedding_dimension": 2, "normalization": "l2"},
		map[string]Finding{"pooling": {Value: "mean"}, "embedding_dimension": {Value: 3}, "normalization": {Value: "none"}})
	if len(many) != 3 || many[0].Key != "embedding_dimension" || many[2].Key != "pooling" {
		t.Errorf("not sorted by key: %v", many)
	}
}
