package card

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/divinedevops/probe/internal/pyjson"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
)

// maxJSON is the largest configuration file that is read, in bytes. Real ones have a few kilobytes, tokenizer_config.json
// with thousands of added tokens a few megabytes.
const maxJSON = 16 << 20

// files reads the configuration files of one model. The first thing that is wrong with any of them stays in err, so that
// reading many keys needs one check at the end; after it every value is silent.
type files struct {
	root *folder.Root
	err  error
	// hasGraph is true if an ONNX graph is run: then modules that cannot be run here may be inside it.
	hasGraph bool
	warnings []string
}

// object is a JSON object of a file, or within one. A nil object has no keys, which is how a missing file reads.
type object struct {
	files  *files
	file   string // relative to the model's folder
	prefix string // keys that lead to this object, each followed by a dot
	fields map[string]json.RawMessage
}

func (f *files) fail(kind failure.Kind, format string, args ...any) {
	if f.err == nil {
		f.err = failure.Errorf(failure.StageLoad, kind, format, args...)
	}
}

// object reads a file that holds a JSON object; nil if there is no such file.
func (f *files) object(file string) *object {
	data := f.read(file)
	if data == nil {
		return nil
	}
	o := &object{files: f, file: file}
	if err := json.Unmarshal(data, &o.fields); err != nil {
		f.fail(failure.KindInvalidConfig, "%s: expected a JSON object: %w", file, friendly(data, err))
		return nil
	}
	return o
}

// read returns a file's bytes, nil if there is no such file or something was wrong before.
func (f *files) read(file string) []byte {
	if f.err != nil || !f.root.Listed(file) {
		return nil
	}
	data, err := f.root.ReadFile(file, maxJSON)
	if err != nil {
		f.err = err
		return nil
	}
	return finite(data)
}

// friendly explains JSON that does not parse better than its first wrong byte does.
func friendly(data []byte, err error) error {
	var wrong *json.UnmarshalTypeError
	found := folder.Identify(data[:min(len(data), folder.HeadSize)], int64(len(data)))
	switch {
	case found.NotText():
		return found.Err()
	case len(bytes.TrimSpace(data)) == 0:
		return errors.New("the file is empty")
	case errors.As(err, &wrong):
		return fmt.Errorf("found %s", describe(data))
	}
	return err
}

// finite replaces NaN and Infinity, which Python's json writes and JSON does not allow, with null: no key that is read here
// may be either. Text within strings is left alone.
func finite(data []byte) []byte {
	return pyjson.Replace(data, func(string) string { return "null" })
}

// raw is a key's value; nil if the key is absent or null, because the two mean the same in these files.
func (o *object) raw(key string) json.RawMessage {
	if o == nil || o.files.err != nil {
		return nil
	}
	v := o.fields[key]
	if len(v) == 0 || bytes.Equal(v, []byte("null")) {
		return nil
	}
	return v
}

func (o *object) wrongType(key, expected string, found json.RawMessage) {
	o.files.fail(failure.KindInvalidConfig, "%s: %s: expected %s, found %s", o.file, o.prefix+key, expected, describe(found))
}

// describe names a JSON value's type, with the value where it is short.
func describe(v []byte) string {
	v = bytes.TrimSpace(v)
	if len(v) == 0 {
		return "nothing"
	}
	name := "the number"
	switch v[0] {
	case '{':
		name = "the object"
	case '[':
		name = "the array"
	case '"':
		name = "the string"
	case 't', 'f':
		name = "the boolean"
	case 'n':
		return "null"
	}
	if len(v) > 60 || bytes.ContainsAny(v, "\n\r") {
		return name + " beginning with " + strconv.Quote(string(v[:min(len(v), 24)]))
	}
	return name + " " + string(v)
}

// get decodes a key's value as T; expected names T in the message where it is something else.
func get[T any](o *object, key, expected string) *Declared[T] {
	v := o.raw(key)
	if v == nil {
		return nil
	}
	d := &Declared[T]{File: o.file, Key: o.prefix + key}
	if err := json.Unmarshal(v, &d.Value); err != nil {
		o.wrongType(key, expected, v)
		return nil
	}
	return d
}

func (o *object) text(key string) *Declared[string] { return get[string](o, key, "a string") }
func (o *object) flag(key string) *Declared[bool]   { return get[bool](o, key, "true or false") }

func (o *object) texts(key string) *Declared[[]string] {
	return get[[]string](o, key, "an array of strings")
}

func (o *object) number(key string) *Declared[float64] { return get[float64](o, key, "a number") }

// integer reads a whole number between low and high. 512.0 is one, because Python writes and reads it.
func (o *object) integer(key string, low, high int) *Declared[int] {
	f := o.number(key)
	if f == nil {
		return nil
	}
	if f.Value != math.Trunc(f.Value) || f.Value < float64(low) || f.Value > float64(high) {
		o.wrongType(key, fmt.Sprintf("a whole number from %d to %d", low, high), o.raw(key))
		return nil
	}
	return &Declared[int]{Value: int(f.Value), File: f.File, Key: f.Key}
}

// size reads a dimension or a count of something: at least 1, and no more than a model that anyone runs has.
func (o *object) size(key string) *Declared[int] { return o.integer(key, 1, maxSize) }

// maxSize bounds every declared dimension and count; the largest vocabularies have under two million entries.
const maxSize = 1 << 28

// object reads a nested object; nil if it is absent.
func (o *object) object(key string) *object {
	v := o.raw(key)
	if v == nil {
		return nil
	}
	inner := &object{files: o.files, file: o.file, prefix: o.prefix + key + "."}
	if err := json.Unmarshal(v, &inner.fields); err != nil {
		o.wrongType(key, "an object", v)
		return nil
	}
	return inner
}
