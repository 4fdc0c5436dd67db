package source

import (
	"path/filepath"
	"testing"
)

func TestOneModel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want       string
		candidates []string
	}{
		{"onnx/text_model.onnx", []string{"onnx/text_model.onnx", "onnx/vision_model.onnx"}},
		{"text_model_q4f16.onnx", []string{"text_model_q4f16.onnx", "vision_model_q4f16.onnx"}},
		{"text_model.onnx", []string{"text_model.onnx", "text_model_int8.onnx", "vision_model.onnx", "vision_model_uint8.onnx"}},
		{"siglip-text.onnx", []string{"siglip-text.onnx", "siglip-vision.onnx"}},
		{"encoder_model.onnx", []string{"encoder_model.onnx", "decoder_model.onnx", "decoder_model_merged.onnx"}},
		{"", []string{"text_model.onnx", "vision_model.onnx", "reranker.onnx"}},
		{"", []string{"query.onnx", "document.onnx"}},
		{"", []string{"decoder_model.onnx", "other.onnx"}},
	} {
		if got := oneModel(c.candidates); got != c.want {
			t.Errorf("%q: expected %q, found %q", c.candidates, c.want, got)
		}
	}
}

func TestVisionTower(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		run, want  string
		candidates []string
	}{
		{"onnx/text_model.onnx", "onnx/vision_model.onnx", []string{"onnx/text_model.onnx", "onnx/vision_model.onnx", "onnx/vision_model_int8.onnx"}},
		{"text_model_quantized.onnx", "vision_model_quantized.onnx", []string{"vision_model.onnx", "vision_model_quantized.onnx", "text_model_quantized.onnx"}},
		{"text_model_quantized.onnx", "vision_model.onnx", []string{"vision_model.onnx", "text_model_quantized.onnx"}},
		{"a/text_model.onnx", "", []string{"a/text_model.onnx", "b/vision_model.onnx"}},
		{"model.onnx", "", []string{"model.onnx", "vision_model.onnx"}},
	} {
		s := &Source{Dir: dir, ONNXPath: filepath.Join(dir, filepath.FromSlash(c.run)), Candidates: c.candidates}
		want := c.want
		if want != "" {
			want = filepath.Join(dir, filepath.FromSlash(want))
		}
		if got := s.VisionTower(); got != want {
			t.Errorf("%s: expected %q, found %q", c.run, want, got)
		}
	}
}
