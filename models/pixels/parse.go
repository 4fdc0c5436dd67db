package pixels

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// maxSide bounds one side of what a file asks to resize or crop to; models take a few hundred pixels.
const maxSide = 4096

// ErrUnknown is wrapped by errors of processors whose class is not known.
var ErrUnknown = errors.New("not a known image processor")

// Parse reads the fields of a preprocessor_config.json. modelType is config.json's, for files that name no class. A key
// that is missing has the default of its class; null is false, or an error if a step needs the value. An error names the
// key, what was expected and what was found; it wraps ErrUnknown if the class is not known.
func Parse(fields map[string]json.RawMessage, modelType string) (*Processor, error) {
	r := &reader{fields: fields}
	name := className(r.text("image_processor_type"), r.text("feature_extractor_type"))
	if name == "" {
		name = classOf(modelType)
	}
	if r.err != nil {
		return nil, r.err
	}
	k := kindOf(name)
	if k == nil {
		if name == "" {
			return nil, fmt.Errorf("image_processor_type: expected a name, found none, nor one for model_type %q: %w",
				modelType, ErrUnknown)
		}
		return nil, fmt.Errorf("image_processor_type: expected CLIPImageProcessor, SiglipImageProcessor, ViTImageProcessor "+
			"or another that resizes, crops, rescales and normalizes, found %s: %w", name, ErrUnknown)
	}
	p := k.defaults
	p.ConvertRGB = r.flag("do_convert_rgb", p.ConvertRGB)
	p.Resize = r.flag("do_resize", p.Resize)
	p.CenterCrop = r.flag("do_center_crop", p.CenterCrop)
	p.Rescale = r.flag("do_rescale", p.Rescale)
	p.Normalize = r.flag("do_normalize", p.Normalize)
	r.size("size", k.square, &p.Size)
	crop := Size{Height: p.CropHeight, Width: p.CropWidth}
	r.size("crop_size", true, &crop)
	p.CropHeight, p.CropWidth = crop.Height, crop.Width
	p.Resample = r.filter(p.Resample)
	p.Factor = r.number("rescale_factor", p.Factor)
	r.channels("image_mean", &p.Mean)
	r.channels("image_std", &p.Std)
	if r.err == nil {
		r.err = p.check(r)
	}
	return &p, r.err
}

// Standard is the processor of a class by model_type, or CLIP's, for models without a preprocessor_config.json, made to
// produce height x width.
func Standard(modelType string, height, width int) *Processor {
	k := kindOf(classOf(modelType))
	if k == nil {
		k = kindOf("CLIPImageProcessor")
	}
	p := k.defaults
	p.Size = Size{Height: height, Width: width}
	p.CenterCrop = false
	return &p
}

// check refuses what no image could be processed with.
func (p *Processor) check(r *reader) error {
	switch {
	case r.flag("do_pad", false):
		return errors.New("do_pad: expected false, found true: no class that is known here pads")
	case p.CenterCrop && (p.CropHeight == 0 || p.CropWidth == 0):
		return errors.New("crop_size: expected a height and a width because do_center_crop is true, found none")
	case p.Resize && p.Size.Shortest == 0 && (p.Size.Height == 0 || p.Size.Width == 0):
		return errors.New("size: expected shortest_edge, or height and width, found neither")
	}
	for _, need := range []struct {
		key  string
		step bool
	}{
		{"size", p.Resize}, {"resample", p.Resize}, {"crop_size", p.CenterCrop}, {"rescale_factor", p.Rescale},
		{"image_mean", p.Normalize}, {"image_std", p.Normalize},
	} {
		if need.step && r.null(need.key) {
			return fmt.Errorf("%s: expected a value because its step is switched on, found null", need.key)
		}
	}
	for i, s := range p.Std {
		if p.Normalize && s == 0 {
			return fmt.Errorf("image_std: expected numbers other than 0, found 0 at %d", i)
		}
	}
	return nil
}

// reader reads keys and keeps the first error.
type reader struct {
	fields map[string]json.RawMessage
	err    error
}

// null reports whether a key is there and null, which transformers takes over the default.
func (r *reader) null(key string) bool {
	return bytes.Equal(bytes.TrimSpace(r.fields[key]), []byte("null"))
}

// get decodes a key; false if it is missing or null.
func (r *reader) get(key, expected string, into any) bool {
	v := bytes.TrimSpace(r.fields[key])
	if r.err != nil || len(v) == 0 || r.null(key) {
		return false
	}
	if json.Unmarshal(v, into) != nil {
		r.wrong(key, expected)
		return false
	}
	return true
}

func (r *reader) wrong(key, expected string) {
	found := r.fields[key]
	r.err = fmt.Errorf("%s: expected %s, found %.60s", key, expected, found)
}

func (r *reader) text(key string) string {
	var s string
	r.get(key, "a string", &s)
	return s
}

func (r *reader) flag(key string, fallback bool) bool {
	var b bool
	if r.get(key, "true or false", &b) {
		return b
	}
	return fallback && !r.null(key)
}

func (r *reader) number(key string, fallback float64) float64 {
	var f float64
	if r.get(key, "a number", &f) {
		return f
	}
	return fallback
}

func (r *reader) filter(fallback Filter) Filter {
	f := r.number("resample", float64(fallback))
	if f != math.Trunc(f) || f < 0 || f > float64(Hamming) {
		r.wrong("resample", "Pillow's number of a filter, 0 to 5")
		return fallback
	}
	return Filter(f)
}

// channels reads three numbers, or one for all three.
func (r *reader) channels(key string, into *[3]float64) {
	v := bytes.TrimSpace(r.fields[key])
	if len(v) > 0 && v[0] != '[' {
		f := r.number(key, math.NaN())
		if !math.IsNaN(f) {
			*into = [3]float64{f, f, f}
		}
		return
	}
	var list []float64
	if !r.get(key, "a number or three", &list) {
		return
	}
	if len(list) != 3 {
		r.wrong(key, "three numbers, one for each of red, green and blue")
		return
	}
	*into = [3]float64(list)
}
