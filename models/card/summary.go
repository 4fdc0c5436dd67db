package card

import (
	"slices"
	"strings"
)

// dimension is the width of the vectors, which truncate_dim may cut.
func (c *Card) dimension() *Declared[int] {
	d := c.width()
	if t := c.TruncateDim; t != nil && (d == nil || t.Value < d.Value) {
		return t
	}
	return d
}

// Cut is what truncate_dim cuts vectors to; 0 if it cuts nothing, as far as their width is known.
func (c *Card) Cut() int {
	if c.TruncateDim == nil {
		return 0
	}
	if w := c.width(); w != nil && w.Value <= c.TruncateDim.Value {
		return 0
	}
	return c.TruncateDim.Value
}

// width follows the width of the sentence embedding through the pipeline, before anything is cut.
func (c *Card) width() *Declared[int] {
	var d *Declared[int]
	for _, m := range c.Modules {
		switch {
		case m.Transformer != nil && c.Config != nil:
			d = c.Config.HiddenSize
			if m.Transformer.Output == FeatureSentence {
				d = firstOf(c.Config.ProjectionDim, d)
			}
		case m.Kind == ModuleStaticEmbedding && c.Config != nil:
			d = c.Config.HiddenSize
		case m.Pooling != nil:
			if d = firstOf(m.Pooling.EmbeddingDimension, d); d != nil && len(m.Pooling.Modes) > 1 {
				d = &Declared[int]{Value: d.Value * len(m.Pooling.Modes), File: d.File, Key: d.Key}
			}
		case m.Dense != nil:
			if m.Dense.Output == FeatureSentence || !c.pooled(m.Index) {
				d = m.Dense.OutFeatures
			}
		case m.Kind == ModuleUnknown:
			d = nil
		case m.LayerNorm != nil:
			d = m.LayerNorm.Dimension
		}
	}
	return d
}

// hasUnknown reports whether a module's effect on the vector is not known.
func (c *Card) hasUnknown() bool {
	return slices.ContainsFunc(c.Modules, func(m Module) bool { return m.Kind == ModuleUnknown })
}

// pooled reports whether a Pooling module comes before position index.
func (c *Card) pooled(index int) bool {
	return slices.ContainsFunc(c.Modules[:index], func(m Module) bool { return m.Kind == ModulePooling })
}

// normalization is "l2" where nothing changes the vector after the last Normalize.
func (c *Card) normalization() *Declared[string] {
	if !c.ModulesDeclared || c.hasUnknown() {
		return nil
	}
	d := &Declared[string]{Value: "none", File: modulesJSON}
	if c.Modules[0].Type == "model2vec" {
		d.File, d.Key = c.Config.File, "normalize"
		if _, ok := c.Config.Raw["normalize"]; !ok {
			return nil
		}
	}
	for i, m := range c.Modules {
		switch {
		case m.Normalize != nil && m.Normalize.Output == FeatureSentence:
			d.Value = "l2"
			if d.File == modulesJSON {
				d.Key = "[" + itoa(i) + "].type"
			}
		case m.Kind != ModuleDropout && m.Kind != ModuleNormalize:
			d.Value = "none"
			if d.File == modulesJSON {
				d.Key = ""
			}
		}
	}
	if c.Cut() > 0 && d.Value == "l2" {
		if c.width() == nil {
			return nil // whether anything is cut shows in the vectors only
		}
		// The vector is cut after it was normalized.
		return &Declared[string]{Value: "none", File: c.TruncateDim.File, Key: c.TruncateDim.Key}
	}
	return d
}

// modalities are those of modality_config; else a CLIPModel's two; else text where a tokenizer is there and image or audio
// where a processor for it is.
func (c *Card) modalities() *Declared[[]string] {
	if len(c.Modules) > 0 {
		if m := c.Modules[0]; m.Transformer != nil && m.Transformer.ModalitiesFile != "" {
			return &Declared[[]string]{
				Value: singles(m.Transformer.Modalities), File: m.Transformer.ModalitiesFile, Key: "modality_config",
			}
		} else if m.Kind == ModuleCLIP {
			return &Declared[[]string]{Value: []string{"text", "image"}, File: modulesJSON, Key: "[0].type"}
		}
	}
	var d Declared[[]string]
	if len(c.Tokenizer.Files) > 0 {
		d.Value, d.File = append(d.Value, "text"), c.Tokenizer.Files[0]
	}
	p := c.Preprocessor
	switch {
	case p.has("image_processor_type"), p.has("image_mean"):
		d.Value = append(d.Value, "image")
	case p.has("sampling_rate"):
		d.Value = append(d.Value, "audio")
	}
	if p != nil && d.File == "" {
		d.File = p.File
	}
	if len(d.Value) == 0 {
		return nil
	}
	return &d
}

// singles are the modalities named in modality_config, alone or joined by "+"; a chat (message) is none of its own.
func singles(config map[string]ModalityConfig) []string {
	var out []string
	for _, name := range modalityNames() {
		for key := range config {
			if name != "message" && slices.Contains(strings.Split(key, "+"), name) && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}
