package card

import (
	"bytes"
	"encoding/json"
)

// Preprocessor is how a model's files say that images or audio become numbers; package models/pixels reads it for images.
type Preprocessor struct {
	// File is relative to the model's folder: "preprocessor_config.json".
	File string
	// Fields are the keys as they stand.
	Fields map[string]json.RawMessage
}

// has reports whether a key is there and not null.
func (p *Preprocessor) has(key string) bool {
	if p == nil {
		return false
	}
	v := bytes.TrimSpace(p.Fields[key])
	return len(v) > 0 && !bytes.Equal(v, []byte("null"))
}

// readPreprocessor looks next to the transformer and then at the top. Processors of several modalities that transformers 5
// saves have the image processor within processor_config.json.
func (c *Card) readPreprocessor(f *files) *Preprocessor {
	dir := ""
	if len(c.Modules) > 0 {
		dir = c.Modules[0].Path
	}
	o := f.firstObject(dir, "preprocessor_config.json")
	if o == nil {
		whole := f.firstObject(dir, "processor_config.json")
		if v := whole.raw("image_processor"); len(v) > 0 && v[0] == '{' {
			o = whole.object("image_processor")
		}
	}
	if o == nil {
		return nil
	}
	return &Preprocessor{File: o.file, Fields: o.fields}
}
