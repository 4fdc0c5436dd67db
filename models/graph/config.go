package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/divinedevops/probe/internal/pyjson"
	"github.com/divinedevops/probe/models/failure"
)

const (
	// maxConfig bounds config.json; ones with thousands of labels stay under a megabyte.
	maxConfig = 16 << 20
	// maxSize bounds every size read from it, maxLayers the loops over layers.
	maxSize   = 1 << 31
	maxLayers = 1024
)

// config reads options of config.json and remembers which were read, so that finish can refuse the ones that were not.
// The first error stays; every getter after it returns zero values.
type config struct {
	modelType string
	values    map[string]any
	read      map[string]bool
	prefix    string // "text_config." inside a nested configuration
	err       *error // shared with the nested ones
	nested    []*config
	// ownCode is true if the model follows code that is not in transformers; shared like err.
	ownCode *bool
	// ignored are the options that nobody reads.
	ignored []string
}

func parseConfig(data []byte) (*config, error) {
	if len(data) > maxConfig {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTooLarge,
			"config.json has %d bytes, more than the %d that are accepted", len(data), maxConfig)
	}
	// NaN is read as Python reads it: a number that no option here can have, but that an option nobody reads may.
	data = pyjson.Replace(data, func(word string) string { return `"` + word + `"` })
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var values map[string]any
	err := d.Decode(&values)
	if err == nil && values == nil {
		err = errors.New("expected an object, found null")
	}
	if err == nil {
		if _, extra := d.Token(); !errors.Is(extra, io.EOF) {
			err = errors.New("something follows the object")
		}
	}
	if err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidConfig, "config.json: %w", err)
	}
	c := &config{values: values, read: map[string]bool{}, err: new(error), ownCode: new(bool)}
	c.modelType = c.str("model_type", "")
	return c, *c.err
}

// fail keeps the first error.
func (c *config) fail(kind failure.Kind, format string, args ...any) {
	if *c.err == nil {
		*c.err = failure.Errorf(failure.StageLoad, kind, "config.json: "+format, args...)
	}
}

// get returns the value of a key and marks it as read. JSON null counts as absent, because transformers writes null for
// an option that is not set; a family whose default differs from null asks isNull.
func (c *config) get(key string) (any, bool) {
	c.read[key] = true
	v, ok := c.values[key]
	return v, ok && v != nil
}

// isNull reports whether the key is there and null.
func (c *config) isNull(key string) bool {
	v, ok := c.values[key]
	return ok && v == nil
}

func (c *config) has(key string) bool {
	v, ok := c.values[key]
	return ok && v != nil
}

// size is a whole number from 1 to maxSize.
func (c *config) size(key string, def int64) int64 {
	n := c.int(key, def)
	if n < 1 || n > maxSize {
		c.fail(failure.KindInvalidConfig, "%s%s must be from 1 to %d, found %d", c.prefix, key, maxSize, n)
		return 1
	}
	return n
}

// layers is a number of layers, from 0 to maxLayers.
func (c *config) layers(key string, def int64) int64 {
	n := c.int(key, def)
	if n < 0 || n > maxLayers {
		c.fail(failure.KindInvalidConfig, "%s%s must be from 0 to %d, found %d", c.prefix, key, maxLayers, n)
		return 0
	}
	return n
}

func (c *config) int(key string, def int64) int64 {
	v, ok := c.get(key)
	if !ok {
		return def
	}
	if n, ok := v.(json.Number); ok {
		if i, err := n.Int64(); err == nil {
			return i
		}
		if f, err := n.Float64(); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return int64(f)
		}
	}
	c.fail(failure.KindInvalidConfig, "%s%s must be a whole number, found %v", c.prefix, key, v)
	return def
}

func (c *config) float(key string, def float64) float64 {
	v, ok := c.get(key)
	if !ok {
		return def
	}
	if n, ok := v.(json.Number); ok {
		if f, err := n.Float64(); err == nil {
			return f
		}
	}
	c.fail(failure.KindInvalidConfig, "%s%s must be a number, found %v", c.prefix, key, v)
	return def
}

func (c *config) bool(key string, def bool) bool {
	v, ok := c.get(key)
	if !ok {
		return def
	}
	if b, ok := v.(bool); ok {
		return b
	}
	c.fail(failure.KindInvalidConfig, "%s%s must be true or false, found %v", c.prefix, key, v)
	return def
}

func (c *config) str(key, def string) string {
	v, ok := c.get(key)
	if !ok {
		return def
	}
	if s, ok := v.(string); ok {
		return s
	}
	c.fail(failure.KindInvalidConfig, "%s%s must be a string, found %v", c.prefix, key, v)
	return def
}

// strs is a list of strings; nil if the key is absent.
func (c *config) strs(key string) []string {
	v, ok := c.get(key)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	out := make([]string, len(list))
	for i, item := range list {
		s, isStr := item.(string)
		ok = ok && isStr
		out[i] = s
	}
	if !ok {
		c.fail(failure.KindInvalidConfig, "%s%s must be a list of strings, found %v", c.prefix, key, v)
	}
	return out
}

// object is a nested configuration, nil if it is absent. Its keys must be read too.
func (c *config) object(key string) *config {
	v, ok := c.get(key)
	if !ok {
		return nil
	}
	values, ok := v.(map[string]any)
	if !ok {
		c.fail(failure.KindInvalidConfig, "%s%s must be an object, found %v", c.prefix, key, v)
		return nil
	}
	sub := &config{
		modelType: c.modelType, values: values, read: map[string]bool{}, prefix: c.prefix + key + ".", err: c.err,
		ownCode: c.ownCode,
	}
	c.nested = append(c.nested, sub)
	return sub
}

// only refuses any value of a string option but the allowed ones; absent counts as the first of them.
func (c *config) only(key string, allowed ...string) string {
	v := c.str(key, allowed[0])
	if !slices.Contains(allowed, v) {
		c.refuse(key, v, strings.Join(allowed, " or "))
	}
	return v
}

// off refuses boolean options that are on.
func (c *config) off(keys ...string) {
	for _, key := range keys {
		if c.bool(key, false) {
			c.refuse(key, "true", "false")
		}
	}
}

// on refuses boolean options that are off.
func (c *config) on(keys ...string) {
	for _, key := range keys {
		if !c.bool(key, true) {
			c.refuse(key, "false", "true")
		}
	}
}

// refuse names an option that the family's graph does not honour.
func (c *config) refuse(key string, found any, want string) {
	c.fail(failure.KindUnsupportedModel, "%s%s is %v, and the graph of model_type %q is built for %s only",
		c.prefix, key, found, c.modelType, want)
}

// finish refuses every option that was neither read nor is known to leave the result alone. It collects those that nobody
// reads.
func (c *config) finish(inert []string) error {
	c.refuseRemoteCode()
	var unknown []string
	c.collect(inert, &unknown, &c.ignored)
	slices.Sort(c.ignored)
	if *c.err == nil && len(unknown) > 0 {
		slices.Sort(unknown)
		c.fail(failure.KindUnsupportedModel,
			"unknown option %s: it may change what model_type %q computes, so no graph is built",
			strings.Join(unknown, ", "), c.modelType)
	}
	return *c.err
}

func (c *config) collect(inert []string, unknown, ignored *[]string) {
	for key, value := range c.values {
		switch {
		case c.read[key] || isInert(key, value, inert):
		case c.isIgnored(key):
			*ignored = append(*ignored, c.prefix+key)
		default:
			*unknown = append(*unknown, c.prefix+key)
		}
	}
	for _, sub := range c.nested {
		sub.collect(inert, unknown, ignored)
	}
}
