package graph

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

//go:embed options.json
var optionsJSON []byte

// transformersOptions are the options that transformers' own code reads, of all models and by model_type: see
// make_options.py.
type transformersOptions struct {
	Everywhere []string            `json:"everywhere"`
	Families   map[string][]string `json:"families"`
}

var readOptions = sync.OnceValues(func() (o transformersOptions, err error) {
	err = json.Unmarshal(optionsJSON, &o)
	return o, err
})

// isIgnored reports whether nobody reads an option: transformers' code for the model_type is known, and it has no use for
// the name. Tools write such options (a trainer's version, a server's settings). A family with code of its own may use any
// name, and so may the objects of options that are objects, but for nested configurations.
func (c *config) isIgnored(key string) bool {
	nested := strings.TrimSuffix(c.prefix, ".")
	if !c.inTransformers() || nested != "" && !strings.HasSuffix(nested, "_config") {
		return false
	}
	known, err := readOptions()
	return err == nil && !slices.Contains(known.Families[c.modelType], key) && !slices.Contains(known.Everywhere, key)
}

// inTransformers reports whether the model is run by transformers' own code, which is known here.
func (c *config) inTransformers() bool {
	known, err := readOptions()
	_, ok := known.Families[c.modelType]
	return err == nil && ok && !*c.ownCode
}
