package event

import (
	"encoding/json"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// withoutAssumed takes out of the facts whatever probe assumed or guessed, and what rests on it: an event says what was
// measured, or nothing.
func withoutAssumed(f emit.Facts, r *probe.Report) emit.Facts {
	assumed := said(r)
	if assumed[vocabulary.KeyEmbeddingDimension] {
		f.EmbeddingDimension = nil
	}
	if assumed[vocabulary.KeyModalities] {
		f.Modalities = nil
	}
	if assumed[vocabulary.KeyMaxSequenceLength] {
		f.MaxSequenceLength = nil
	}
	for key, field := range map[string]*string{
		vocabulary.KeyPooling: &f.Pooling, vocabulary.KeyNormalization: &f.Normalization,
		vocabulary.KeyDistanceMetric: &f.DistanceMetric, vocabulary.KeyDType: &f.DType,
	} {
		if assumed[key] {
			*field = ""
		}
	}
	var drift []string
	for _, key := range f.Drift {
		if !assumed[key] {
			drift = append(drift, key)
		}
	}
	f.Drift = drift
	return f
}

// said are the keys that the report itself marks: under `assumed`, and by a finding's `rests_on`. They are read from its JSON,
// whose keys are the contract, so that a report which says more is heeded too.
func said(r *probe.Report) map[string]bool {
	var keys map[string]bool
	data, err := json.Marshal(r)
	if err == nil {
		keys, err = marked(data)
	}
	if err != nil { // what is assumed is not known, so all may be
		keys = map[string]bool{}
		for _, key := range vocabulary.DriftKeys() {
			keys[key] = true
		}
	}
	return keys
}

// marked reads the marks of a report's JSON.
func marked(report []byte) (map[string]bool, error) {
	var marks struct {
		Assumed  map[string]json.RawMessage `json:"assumed"`
		Findings map[string]struct {
			RestsOn []string `json:"rests_on"`
		} `json:"findings"`
	}
	if err := json.Unmarshal(report, &marks); err != nil {
		return nil, err
	}
	keys := map[string]bool{}
	for key, value := range marks.Assumed {
		if string(value) != "null" {
			keys[key] = true
		}
	}
	for key, finding := range marks.Findings {
		if len(finding.RestsOn) > 0 {
			keys[key] = true
		}
	}
	return keys, nil
}
