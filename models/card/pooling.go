package card

import (
	"encoding/json"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/pooling"
)

// PoolingConfig is 1_Pooling/config.json.
type PoolingConfig struct {
	// EmbeddingDimension is the width of the token states that are pooled; nil if the file is silent.
	EmbeddingDimension *Declared[int]
	// Modes are the modes to run, concatenated in this order.
	Modes []pooling.Mode
	// Declared is Modes where the file states them; nil if Modes is sentence-transformers' default, mean.
	Declared *Declared[[]pooling.Mode]
	// Assumed says why Modes are what they are although no file states them; "" if Declared does.
	Assumed string
	// IncludePrompt is false if the prompt's tokens are left out.
	IncludePrompt bool
}

// readPooling reads the file in both of its forms: {"embedding_dimension", "pooling_mode"} as sentence-transformers 6
// saves it, and word_embedding_dimension with a boolean for each mode. Where both are there the new key wins.
func readPooling(o *object) *PoolingConfig {
	if o == nil {
		return nil
	}
	c := &PoolingConfig{
		EmbeddingDimension: firstOf(o.size("embedding_dimension"), o.size("word_embedding_dimension")),
		Declared:           firstOf(newModes(o), oldModes(o)),
		IncludePrompt:      o.flag("include_prompt").orElse(true),
	}
	c.Modes = c.Declared.orElse([]pooling.Mode{pooling.Mean})
	if c.Declared == nil {
		c.Assumed = o.file + " names no mode, and sentence-transformers takes the mean"
	}
	return c
}

// newModes reads pooling_mode, a name or an array of names.
func newModes(o *object) *Declared[[]pooling.Mode] {
	v := o.raw("pooling_mode")
	if v == nil {
		return nil
	}
	var names []string
	if err := json.Unmarshal(v, &names); err != nil {
		var name string
		if err := json.Unmarshal(v, &name); err != nil {
			o.wrongType("pooling_mode", "a pooling mode or an array of them", v)
			return nil
		}
		names = []string{name}
	}
	if len(names) == 0 || len(names) > maxModules {
		o.wrongType("pooling_mode", "at least one pooling mode", v)
		return nil
	}
	d := &Declared[[]pooling.Mode]{File: o.file, Key: "pooling_mode"}
	for _, name := range names {
		mode, err := pooling.ParseMode(name)
		if err != nil {
			o.files.fail(failure.KindInvalidConfig, "%s: %w", o.file, err)
			return nil
		}
		d.Value = append(d.Value, mode)
	}
	return d
}

// oldModes reads the booleans.
func oldModes(o *object) *Declared[[]pooling.Mode] {
	const prefix = "pooling_mode_"
	known := pooling.FromLegacy
	flags := map[string]bool{}
	var on []string
	for key := range o.fields {
		if !strings.HasPrefix(key, prefix) {
			continue
		}
		flag := o.flag(key)
		if flag == nil {
			continue
		}
		flags[key] = flag.Value
		if flag.Value {
			on = append(on, key)
		}
		if known(map[string]bool{key: true}) == nil && flag.Value {
			o.files.fail(failure.KindUnsupportedModel, "%s: the pooling mode %s is not known", o.file, key)
			return nil
		}
	}
	modes := known(flags)
	if modes == nil {
		return nil
	}
	key := prefix + "*"
	if len(on) == 1 {
		key = on[0]
	}
	return &Declared[[]pooling.Mode]{Value: modes, File: o.file, Key: key}
}
