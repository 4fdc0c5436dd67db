package detect

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Drift is one property whose declared and measured values differ.
type Drift struct {
	Key      string `json:"key"`
	Declared any    `json:"declared"`
	Measured any    `json:"measured"`
}

// CompareDeclared compares what the files declare with what was measured and lists what differs, by key. Only keys that
// both know are compared: a nil value, "unknown" and "in_graph" say nothing. Numbers are compared exactly, names by
// Canonical, lists as sets; a declared value among the finding's equivalent ones (dot for a measured cosine of
// normalized vectors) is no drift. The result is empty, never nil.
func CompareDeclared(declared map[string]any, measured map[string]Finding) []Drift {
	drifts := []Drift{}
	for key, want := range declared {
		f, ok := measured[key]
		if !ok || silent(want) || silent(f.Value) || same(key, want, f.Value) {
			continue
		}
		if e, ok := f.Evidence.(Equivalent); ok && slices.ContainsFunc(e.EquivalentValues(), func(v string) bool {
			return same(key, want, v)
		}) {
			continue
		}
		drifts = append(drifts, Drift{Key: key, Declared: want, Measured: f.Value})
	}
	sort.Slice(drifts, func(i, j int) bool { return drifts[i].Key < drifts[j].Key })
	return drifts
}

// silent reports whether a value says nothing.
func silent(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == "" || x == PoolingUnknown || x == PoolingInGraph
	case []string:
		return len(x) == 0
	}
	return false
}

// same compares two values of one key.
func same(key string, a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x == y
	}
	if x, ok := words(a); ok {
		y, ok := words(b)
		return ok && slices.Equal(canonicalSet(key, x), canonicalSet(key, y))
	}
	return fmt.Sprint(a) == fmt.Sprint(b)
}

// number reads any of the types that numbers have in files and findings.
func number(v any) (float64, bool) {
	switch x := v.(type) {
	case int:
		return float64(x), true
	case int32:
		return float64(x), true
	case int64:
		return float64(x), true
	case float32:
		return float64(x), !math.IsNaN(float64(x))
	case float64:
		return x, !math.IsNaN(x)
	}
	return 0, false
}

func words(v any) ([]string, bool) {
	switch x := v.(type) {
	case string:
		return []string{x}, true
	case bool:
		return []string{strconv.FormatBool(x)}, true
	case []string:
		return x, true
	}
	return nil, false
}

func canonicalSet(key string, names []string) []string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		out = append(out, Canonical(key, n))
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// spellings are the names that files and libraries use for the canonical ones, by key of the report.
func spellings(key string) map[string]string {
	switch key {
	case "distance_metric":
		return map[string]string{
			"cos": MetricCosine, "cosine_similarity": MetricCosine, "cos_sim": MetricCosine, "angular": MetricCosine,
			"dot_product": MetricDot, "dot_score": MetricDot, "ip": MetricDot, "inner_product": MetricDot,
			"l2": MetricEuclidean, "euclid": MetricEuclidean, "euclidean_distance": MetricEuclidean,
			"l1": MetricManhattan, "manhattan_distance": MetricManhattan, "cityblock": MetricManhattan,
		}
	case "normalization":
		return map[string]string{
			"true": NormalizationL2, "normalize": NormalizationL2, "normalized": NormalizationL2, "unit": NormalizationL2,
			"false": NormalizationNone, "no": NormalizationNone,
		}
	case "pooling":
		return map[string]string{
			"pooling_mode_cls_token": "cls", "cls_token": "cls", "cls_pooling": "cls",
			"pooling_mode_mean_tokens": "mean", "mean_pooling": "mean", "mean_tokens": "mean", "avg": "mean", "average": "mean",
			"pooling_mode_max_tokens": "max", "max_pooling": "max", "max_tokens": "max",
			"pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens", "mean_sqrt_len": "mean_sqrt_len_tokens",
			"pooling_mode_weightedmean_tokens": "weightedmean", "weighted_mean": "weightedmean",
			"pooling_mode_lasttoken": "lasttoken", "last_token": "lasttoken", "last": "lasttoken", "eos": "lasttoken",
		}
	case "modalities":
		return map[string]string{"images": ModalityImage, "vision": ModalityImage, "texts": ModalityText}
	}
	return nil
}

// Canonical gives the report's spelling of a name under one of its keys (distance_metric, normalization, pooling,
// modalities): lower case, hyphens and blanks as underscores, known synonyms replaced. Other names come back in that
// plain form.
func Canonical(key, name string) string {
	plain := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(strings.TrimSpace(name)))
	if c, ok := spellings(key)[plain]; ok {
		return c
	}
	return plain
}
