package tokenizer

import (
	"fmt"
	"math"
	"unicode/utf8"
)

// object is a small JSON object of a tokenizer.json, with accessors that say what is wrong.
type object map[string]any

// maxJSONValues is how many values may be read into memory as they are; vocabularies and merges do not count.
const maxJSONValues = 1 << 21

// value reads any value: nil, bool, float64, string, []any or object.
func (j *jsonScanner) value() (any, error) {
	if j.values++; j.values > maxJSONValues {
		return nil, j.errorf("more than %d values outside the vocabulary", maxJSONValues)
	}
	switch c := j.peek(); c {
	case '{':
		o := object{}
		err := j.object(func(key string) error {
			v, err := j.value()
			o[key] = v
			return err
		})
		return o, err
	case '[':
		list := []any{}
		err := j.array(func() error {
			v, err := j.value()
			list = append(list, v)
			return err
		})
		return list, err
	case '"':
		s, err := j.str()
		return string(s), err
	case 't':
		return true, j.literal("true")
	case 'f':
		return false, j.literal("false")
	case 'n':
		return nil, j.literal("null")
	}
	n, _, err := j.number()
	return n, err
}

func wrongType(key string, want string, got any) error {
	switch g := got.(type) {
	case nil:
		return fmt.Errorf("expected %q to be %s, found nothing", key, want)
	case string:
		return fmt.Errorf("expected %q to be %s, found %.40q", key, want, g)
	case bool, float64:
		return fmt.Errorf("expected %q to be %s, found %v", key, want, g)
	case []any:
		return fmt.Errorf("expected %q to be %s, found a list", key, want)
	}
	return fmt.Errorf("expected %q to be %s, found an object", key, want)
}

func (o object) str(key string) (string, error) {
	if s, ok := o[key].(string); ok {
		return s, nil
	}
	return "", wrongType(key, "a string", o[key])
}

func (o object) strOr(key, otherwise string) (string, error) {
	if o[key] == nil {
		return otherwise, nil
	}
	return o.str(key)
}

func (o object) bool(key string) (bool, error) {
	if b, ok := o[key].(bool); ok {
		return b, nil
	}
	return false, wrongType(key, "true or false", o[key])
}

func (o object) boolOr(key string, otherwise bool) (bool, error) {
	if o[key] == nil {
		return otherwise, nil
	}
	return o.bool(key)
}

// integer is a whole number from 0 to limit.
func (o object) integer(key string, limit int) (int, error) {
	f, ok := o[key].(float64)
	if !ok || f < 0 || f != math.Trunc(f) {
		return 0, wrongType(key, "an integer of 0 or more", o[key])
	}
	if f > float64(limit) {
		return limit, nil
	}
	return int(f), nil
}

func (o object) integerOr(key string, limit, otherwise int) (int, error) {
	if o[key] == nil {
		return otherwise, nil
	}
	return o.integer(key, limit)
}

// char is a string of one character.
func (o object) char(key string) (rune, error) {
	s, err := o.str(key)
	if err != nil {
		return 0, err
	}
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || n != len(s) {
		return 0, wrongType(key, "one character", s)
	}
	return r, nil
}

func (o object) list(key string) ([]any, error) {
	if l, ok := o[key].([]any); ok {
		return l, nil
	}
	return nil, wrongType(key, "a list", o[key])
}

func (o object) object(key string) (object, error) {
	if v, ok := o[key].(object); ok {
		return v, nil
	}
	return nil, wrongType(key, "an object", o[key])
}

// objects is a list of objects.
func (o object) objects(key string) ([]object, error) {
	list, err := o.list(key)
	if err != nil {
		return nil, err
	}
	all := make([]object, len(list))
	for i, v := range list {
		var ok bool
		if all[i], ok = v.(object); !ok {
			return nil, wrongType(fmt.Sprintf("%s[%d]", key, i), "an object", v)
		}
	}
	return all, nil
}
