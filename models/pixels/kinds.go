package pixels

import "strings"

// The means and deviations of the channels that transformers has names for.
var (
	clipMean     = [3]float64{0.48145466, 0.4578275, 0.40821073}
	clipStd      = [3]float64{0.26862954, 0.26130258, 0.27577711}
	halves       = [3]float64{0.5, 0.5, 0.5}
	imagenetMean = [3]float64{0.485, 0.456, 0.406}
	imagenetStd  = [3]float64{0.229, 0.224, 0.225}
)

// kind is a class of processors that does the five steps and nothing else; classes differ in what they do where the file
// is silent.
type kind struct {
	defaults Processor
	// square says that a size of one number is a square and not the shorter side.
	square bool
}

// kindOf returns a class by its name; nil for one that is not known, whose steps may be others. The defaults are those of
// transformers 5.23, models/*/image_processing_*.py.
func kindOf(name string) *kind {
	const side = 224
	k := kind{defaults: Processor{
		Type: name, Resize: true, Resample: Bicubic, Rescale: true, Factor: 1.0 / 255, Normalize: true,
		Mean: clipMean, Std: clipStd,
	}}
	d := &k.defaults
	switch name {
	case "CLIPImageProcessor", "ChineseCLIPImageProcessor", "BitImageProcessor":
		d.ConvertRGB, d.Size = true, Size{Shortest: side}
		d.CenterCrop, d.CropHeight, d.CropWidth = true, side, side
	case "SiglipImageProcessor":
		d.ConvertRGB, d.Size, d.Mean, d.Std = true, Size{Height: side, Width: side}, halves, halves
	case "BlipImageProcessor":
		k.square = true
		d.ConvertRGB, d.Size = true, Size{Height: 384, Width: 384}
	case "ViTImageProcessor":
		k.square = true
		d.Size, d.Resample, d.Mean, d.Std = Size{Height: side, Width: side}, Bilinear, halves, halves
	case "DeiTImageProcessor":
		k.square = true
		d.Size, d.Mean, d.Std = Size{Height: 256, Width: 256}, halves, halves
		d.CenterCrop, d.CropHeight, d.CropWidth = true, side, side
	case "PvtImageProcessor":
		k.square = true
		d.Size, d.Mean, d.Std = Size{Height: side, Width: side}, imagenetMean, imagenetStd
	default:
		return nil
	}
	if !d.CenterCrop {
		d.CropHeight, d.CropWidth = 0, 0
	}
	return &k
}

// className is the class that transformers takes for a name in a file: the fast variants are the same class today, and
// feature extractors are what image processors were called before 4.26.
func className(processor, extractor string) string {
	if processor == "" {
		processor = strings.ReplaceAll(extractor, "FeatureExtractor", "ImageProcessor")
	}
	return strings.TrimSuffix(strings.TrimSuffix(processor, "Fast"), "Pil")
}

// classOf is the class of a model_type, for files that name no class (transformers 5.23, image_processing_auto.py).
func classOf(modelType string) string {
	switch modelType {
	case "clip", "clip_vision_model", "aimv2", "aimv2_vision_model", "altclip", "git", "groupvit", "metaclip_2", "mlcd":
		return "CLIPImageProcessor"
	case "chinese_clip":
		return "ChineseCLIPImageProcessor"
	case "siglip", "siglip_vision_model", "paligemma", "colpali":
		return "SiglipImageProcessor"
	case "blip", "blip-2", "instructblip":
		return "BlipImageProcessor"
	case "vit", "vit_mae", "vit_msn", "clipseg", "ijepa":
		return "ViTImageProcessor"
	case "dinov2", "dinov2_with_registers", "bit", "focalnet", "hiera":
		return "BitImageProcessor"
	case "deit":
		return "DeiTImageProcessor"
	case "pvt":
		return "PvtImageProcessor"
	}
	return ""
}
