package detect

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// CountedEvidence is the evidence of a value that was read off, not computed from vectors.
type CountedEvidence struct {
	Method string `json:"method"`
}

// typed lists a zero value of every type that Finding.Value, Finding.Evidence and the sides of a Drift may hold. JSON does
// not carry types, so a report that crosses to another process names them beside it.
func typed() []any {
	return []any{
		"", false, 0, int64(0), 0.0, []string(nil), []int(nil), []float64(nil), map[string]string(nil),
		CompareEvidence{}, CostEvidence{}, CostSample{}, CountedEvidence{}, DimensionEvidence{}, DistanceEvidence{},
		EndEvidence{}, FingerprintEvidence{}, FiniteEvidence{}, IsotropyEvidence{}, KnownEvidence{},
		LanguageEvidence{}, LanguagesEvidence{}, LengthEvidence{}, MetricEvidence{}, ModalitiesEvidence{},
		ModalityEvidence{}, NormEvidence{}, PoolingEvidence{}, PoolingScores{}, PromptEvidence{}, PromptsEvidence{},
		ShrinkEvidence{}, ShrinkReport{}, TextImageEvidence{}, TripletEvidence{}, TripletSetEvidence{},
		TruncationEvidence{},
	}
}

// TypeName names the type of a value, of evidence or of a side of a drift: "int", "detect.NormEvidence"; "" for nil.
func TypeName(v any) string {
	if v == nil {
		return ""
	}
	return reflect.TypeOf(v).String()
}

// DecodeTyped is v again, from its JSON and its TypeName. A type that this package does not know stays JSON, as a
// json.RawMessage, which marshals to what it was. Errors are of JSON that does not fit the type.
func DecodeTyped(name string, doc []byte) (any, error) {
	if name == "" {
		return nil, nil
	}
	for _, known := range typed() {
		t := reflect.TypeOf(known)
		if t.String() != name {
			continue
		}
		v := reflect.New(t)
		if err := json.Unmarshal(doc, v.Interface()); err != nil {
			return nil, fmt.Errorf("expected %s as JSON: %w", name, err)
		}
		return v.Elem().Interface(), nil
	}
	return json.RawMessage(append([]byte(nil), doc...)), nil
}
