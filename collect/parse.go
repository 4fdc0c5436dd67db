package collect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/collect/record"
)

// Bounds of what an event may hold.
const (
	MaxBodyBytes  = 64 << 10 // a longer body is answered with 413
	maxFieldChars = 128      // of each text field beside metadata, and of metadata's event_id
	maxNesting    = 32
)

// FieldErrors says what is wrong with which field of an event.
type FieldErrors map[string]string

func (e FieldErrors) Error() string {
	var parts []string
	for _, field := range slices.Sorted(maps.Keys(e)) {
		parts = append(parts, field+": "+e[field])
	}
	return strings.Join(parts, "; ")
}

// errJSON wraps what is not a JSON object at all.
var errJSON = errors.New("expected one JSON object")

// parseEvent reads the body of a POST. Errors are errJSON or FieldErrors. Metadata is written anew, so that whatever is
// accepted is valid JSON for every store: numbers that no double holds, U+0000 and deep nesting are refused.
func parseEvent(body []byte) (record.Record, error) {
	if !utf8.Valid(body) {
		return record.Record{}, fmt.Errorf("%w in UTF-8", errJSON)
	}
	fields, err := decodeObject(body)
	if err != nil {
		return record.Record{}, err
	}
	wrong := FieldErrors{}
	r := record.Record{
		HWID:       textField(fields, "hwid", wrong, true),
		EventName:  textField(fields, "event_name", wrong, true),
		AppVersion: textField(fields, "app_version", wrong, true),
		ClientType: textField(fields, "client_type", wrong, false),
		Metadata:   json.RawMessage("{}"),
	}
	if r.ClientType == "" {
		r.ClientType = record.DefaultClientType
	}
	switch metadata := fields["metadata"].(type) {
	case nil:
	case map[string]any:
		clean, problem := storable(metadata, 1)
		if problem != "" {
			wrong["metadata"] = problem
			break
		}
		metadata = clean.(map[string]any)
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(metadata); err != nil {
			return record.Record{}, fmt.Errorf("metadata: %w", err)
		}
		r.Metadata = bytes.TrimSuffix(out.Bytes(), []byte("\n"))
		r.EventID = textField(metadata, "event_id", wrong, false)
	default:
		wrong["metadata"] = "expected an object, found " + kindOf(metadata)
	}
	if len(wrong) > 0 {
		return record.Record{}, wrong
	}
	return r, nil
}

func decodeObject(body []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // a number keeps every digit that was sent
	var fields map[string]any
	if err := dec.Decode(&fields); err != nil {
		return nil, fmt.Errorf("%w: %w", errJSON, err)
	}
	if fields == nil {
		return nil, fmt.Errorf("%w, found null", errJSON)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w, found more after it", errJSON)
	}
	return fields, nil
}

func textField(fields map[string]any, name string, wrong FieldErrors, required bool) string {
	value, there := fields[name]
	text, isText := value.(string)
	switch {
	case (!there || value == nil) && !required:
	case !there || value == nil:
		wrong[name] = "required"
	case !isText:
		wrong[name] = "expected a string, found " + kindOf(value)
	case required && text == "":
		wrong[name] = "required, found an empty string"
	case utf8.RuneCountInString(text) > maxFieldChars:
		wrong[name] = fmt.Sprintf("expected at most %d characters, found %d", maxFieldChars, utf8.RuneCountInString(text))
	}
	return withoutNUL(text)
}

// storable gives a value as it is stored, or says why it cannot be.
func storable(value any, depth int) (clean any, problem string) {
	if depth > maxNesting {
		return nil, fmt.Sprintf("nested deeper than %d", maxNesting)
	}
	switch v := value.(type) {
	case string:
		return withoutNUL(v), ""
	case json.Number:
		return v, unstorableNumber(v)
	case []any:
		for i, item := range v {
			if v[i], problem = storable(item, depth+1); problem != "" {
				return nil, problem
			}
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			if out[withoutNUL(key)], problem = storable(item, depth+1); problem != "" {
				return nil, problem
			}
		}
		return out, ""
	}
	return value, ""
}

func withoutNUL(s string) string { return strings.ReplaceAll(s, "\x00", "\ufffd") }

func unstorableNumber(n json.Number) string {
	value, err := strconv.ParseFloat(string(n), 64)
	mantissa, _, _ := strings.Cut(strings.ToLower(string(n)), "e")
	if err != nil || value == 0 && strings.ContainsAny(mantissa, "123456789") || len(mantissa) > 64 {
		return "holds a number that is out of range"
	}
	return ""
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number, float64:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	}
	return "an object"
}
