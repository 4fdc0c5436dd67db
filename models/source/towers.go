package source

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// VisionTower is the graph of the image side that belongs to the graph of the text side that is run: text_model.onnx and
// vision_model.onnx next to it, as Optimum and transformers.js export a model of two towers, each with the same word for its
// variant (text_model_quantized.onnx) or, if there is none such, the least quantized. It is "" if there is none.
func (s *Source) VisionTower() string {
	rel, err := filepath.Rel(s.Dir, s.ONNXPath)
	if err != nil || s.ONNXPath == "" {
		return ""
	}
	rel = filepath.ToSlash(rel)
	stem, precision := variant(rel)
	if !strings.Contains(stem, "text") {
		return ""
	}
	found, exact := "", false
	for _, c := range s.Candidates {
		other, p := variant(c)
		if path.Dir(c) != path.Dir(rel) || other != strings.Replace(stem, "text", "vision", 1) || exact {
			continue
		}
		if exact = p == precision; exact || found == "" {
			found = c
		}
	}
	if found == "" {
		return ""
	}
	return filepath.Join(s.Dir, filepath.FromSlash(found))
}

// oneModel chooses among graphs of different names that are parts of one model: the text side of two towers, the encoder of
// an encoder and its decoders. candidates are best first; it is "" if they are something else.
func oneModel(candidates []string) string {
	var stems []string
	for _, c := range candidates {
		stem, _ := variant(c)
		stems = append(stems, stem)
	}
	for i, stem := range stems {
		partner := func(other string) bool {
			switch {
			case other == stem:
				return true
			case strings.Contains(stem, "text"):
				return other == strings.Replace(stem, "text", "vision", 1)
			case strings.Contains(stem, "encoder"):
				return strings.HasPrefix(other, strings.Replace(stem, "encoder", "decoder", 1))
			}
			return false
		}
		if !slices.ContainsFunc(stems, func(other string) bool { return !partner(other) }) {
			return candidates[i]
		}
	}
	return ""
}
