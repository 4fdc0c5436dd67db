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

var _ = register(CountedEvidence{})

// Summary is how the value was had: "rows of the table that token ids index".
func (e CountedEvidence) Summary() string {
	return e.Method
}

// Summarized is implemented by the evidence of this package: what a line of a report can say of it, so that no reader needs
// to know the kinds of evidence.
type Summarized interface {
	Summary() string
}

// types are the types that Finding.Value, Finding.Evidence and the sides of a Drift may hold, by TypeName. JSON carries no
// types, so a report that crosses to another process names them next to it.
var types = map[string]reflect.Type{}

var _ = register(
	"", false, 0, int64(0), 0.0, []string(nil), []int(nil), []float64(nil), map[string]string(nil),
)

// register adds the types of values to types. Each file registers its own evidence.
func register(values ...any) bool {
	for _, v := range values {
		types[TypeName(v)] = reflect.TypeOf(v)
	}
	return true
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
	if t, ok := types[name]; ok {
		v := reflect.New(t)
		if err := json.Unmarshal(doc, v.Interface()); err != nil {
			return nil, fmt.Errorf("expected %s as JSON: %w", name, err)
		}
		return v.Elem().Interface(), nil
	}
	return json.RawMessage(append([]byte(nil), doc...)), nil
}
