package probe

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/divinedevops/probe/vocabulary"
)

// column is a place in Properties; the zero value is none.
type column struct {
	get func(p *Properties) any             // nil if the value is not known
	set func(p *Properties, value any) bool // false for a value of another type
	// schema is the JSON Schema of the value.
	schema map[string]any
	// other is the key of a column that is no field of Properties.
	other string
}

// boolean, integer, word, pattern, list and texts are the columns that are fields of Properties, by the JSON they hold.

func boolean(at func(p *Properties) **bool) column {
	return pointer(at, map[string]any{"type": []string{"boolean", "null"}})
}

func integer(at func(p *Properties) **int) column {
	return pointer(at, map[string]any{"type": []string{"integer", "null"}, "minimum": 1})
}

// word is one of several, or any if there are none.
func word(oneOf []string, at func(p *Properties) **string) column {
	if oneOf == nil {
		return pointer(at, map[string]any{"type": []string{"string", "null"}})
	}
	choice := []any{}
	for _, w := range oneOf {
		choice = append(choice, w)
	}
	return pointer(at, map[string]any{"enum": append(choice, nil)})
}

func pattern(expression string, at func(p *Properties) **string) column {
	return pointer(at, map[string]any{"type": []string{"string", "null"}, "pattern": expression})
}

func list(at func(p *Properties) *[]string) column {
	return whole(at, map[string]any{
		"type": []string{"array", "null"}, "items": map[string]any{"type": "string"}, "uniqueItems": true,
	})
}

func texts(at func(p *Properties) *map[string]string) column {
	return whole(at, map[string]any{
		"type": []string{"object", "null"}, "additionalProperties": map[string]any{"type": "string"},
	})
}

// otherColumn is a column that needs no field: the value stands in Properties.Other.
func otherColumn(key string, schema map[string]any) column {
	return column{
		get: func(p *Properties) any { return p.Other[key] },
		set: func(p *Properties, value any) bool {
			if value == nil {
				return false
			}
			if p.Other == nil {
				p.Other = map[string]any{}
			}
			p.Other[key] = value
			return true
		},
		schema: schema, other: key,
	}
}

// pointer is the column of a value whose absence is a nil pointer.
func pointer[T any](at func(p *Properties) **T, schema map[string]any) column {
	return column{
		get: func(p *Properties) any {
			if v := *at(p); v != nil {
				return *v
			}
			return nil
		},
		set: func(p *Properties, value any) bool {
			v, ok := value.(T)
			if ok {
				*at(p) = &v
			}
			return ok
		},
		schema: schema,
	}
}

// whole is the column of a list or a map, whose absence is nil.
func whole[T []string | map[string]string](at func(p *Properties) *T, schema map[string]any) column {
	return column{
		get: func(p *Properties) any {
			if v := *at(p); v != nil {
				return v
			}
			return nil
		},
		set: func(p *Properties, value any) bool {
			v, ok := value.(T)
			if ok {
				*at(p) = v
			}
			return ok
		},
		schema: schema,
	}
}

// poolingPattern is a mode, several modes joined by "+", or the words for a pooling that no mode explains.
func poolingPattern() string {
	var modes, alone []string
	for _, p := range vocabulary.Poolings() {
		if p == vocabulary.PoolingInGraph || p == vocabulary.PoolingUnknown {
			alone = append(alone, p)
			continue
		}
		modes = append(modes, p)
	}
	mode := "(" + strings.Join(modes, "|") + ")"
	return "^(" + mode + `(\+` + mode + ")*|" + strings.Join(alone, "|") + ")$"
}

// propertiesFields is Properties as the package encoding/json sees it without the methods below.
type propertiesFields Properties

// MarshalJSON writes the columns that are no fields after those that are, null where the value is not known.
func (p Properties) MarshalJSON() ([]byte, error) {
	doc, err := marshal(propertiesFields(p))
	if err != nil {
		return nil, err
	}
	for _, line := range properties() {
		key := line.column.other
		if key == "" {
			continue
		}
		one, err := marshal(map[string]any{key: p.Other[key]})
		if err != nil {
			return nil, err
		}
		doc = append(append(doc[:len(doc)-1], ','), one[1:]...)
	}
	return doc, nil
}

// marshal is json.Marshal without its escapes for HTML, which the document around may not want.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Properties) UnmarshalJSON(doc []byte) error {
	if err := json.Unmarshal(doc, (*propertiesFields)(p)); err != nil {
		return err
	}
	var all map[string]any
	if err := json.Unmarshal(doc, &all); err != nil {
		return err
	}
	for _, line := range properties() {
		if line.column.other != "" {
			line.column.set(p, all[line.column.other])
		}
	}
	return nil
}
