package source

import (
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/weights"
)

// convert is the advice for weights of another format: how to make ones that can be measured.
const convert = "convert it once, with `optimum-cli export onnx -m DIR DIR/onnx`, or to safetensors with " +
	"`python -c \"from sentence_transformers import SentenceTransformer as S; S('DIR').save_pretrained('NEW')\"`"

// checkpoint is what a file is that may hold a state dict, under a name that no folder gives its weights.
const checkpoint = "a PyTorch pickle under a name that is not a model's; if it holds a state dict, give the file itself"

// describeFile says what weights of another format are, by their name; "" for anything else.
func describeFile(base string) string {
	lower := strings.ToLower(base)
	switch {
	case strings.HasPrefix(lower, "pytorch_model") && strings.Contains(lower, ".bin"),
		hasSuffix(lower, ".pt", ".pth", ".ckpt", ".pkl"):
		return checkpoint
	case lower == "tf_model.h5", lower == "saved_model.pb", lower == "keras_metadata.pb":
		return "a TensorFlow model"
	case strings.HasPrefix(lower, "flax_model"):
		return "a Flax checkpoint"
	case strings.HasSuffix(lower, ".gguf"):
		return "a GGUF file of llama.cpp"
	case strings.HasPrefix(lower, "openvino_model"):
		return "an OpenVINO graph"
	case strings.HasSuffix(lower, ".ort"):
		return "in ONNX Runtime's own .ort format"
	case strings.HasSuffix(lower, ".tflite"):
		return "a TensorFlow Lite model"
	case hasSuffix(lower, ".mlmodel", ".mlpackage"):
		return "a Core ML model"
	case lower == "rust_model.ot":
		return "a rust-bert checkpoint"
	case strings.HasPrefix(lower, "adapter_model."):
		return "an adapter (PEFT), which needs the model it was made for; merge the two with merge_and_unload()"
	}
	return ""
}

func hasSuffix(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}

// nothing is the error for a folder without weights that can be run: it says what is there instead.
func (s *Source) nothing(root *folder.Root) error {
	dirs := []string{s.ModelDir}
	if s.ModelDir != s.Dir {
		dirs = append(dirs, s.Dir)
	}
	var names []string
	for _, dir := range dirs {
		for _, name := range list(dir) {
			if what := describeFile(name); what != "" {
				return fail(failure.KindUnsupportedFormat, "%s has no ONNX, safetensors or PyTorch weights; its %s is %s; %s",
					s.Ref, name, what, convert)
			}
			names = append(names, name)
		}
	}
	switch {
	case len(names) == 0:
		return fail(failure.KindNotFound,
			"the folder %s is empty; expected model.onnx, or config.json and model.safetensors", s.Ref)
	case root.Hub != nil:
		return fail(failure.KindMissingFile, "the cache holds no weights of %s, only %s; download them: hf download %s",
			root.Hub.Name, shorten(names), root.Hub.Name)
	}
	if model := modelBelow(s.Dir); model != "" && !hasModelFiles(s.Dir) {
		return fail(failure.KindNotFound, "%s is not a model but holds folders of models; give one, such as %s", s.Ref,
			filepath.Join(s.Ref, model))
	}
	return fail(failure.KindNotFound, "%s has no model: expected model.onnx, or config.json and model.safetensors; found %s",
		s.Ref, shorten(names))
}

// modelBelow names a subfolder that is itself a model's, for a user who gave the folder above.
func modelBelow(dir string) string {
	for i, name := range list(dir) {
		if i >= maxFolders {
			break
		}
		sub := filepath.Join(dir, name)
		for _, file := range append([]string{"modules.json", "config.json"}, weights.Formats().Names()...) {
			if isFile(filepath.Join(sub, file)) {
				return name
			}
		}
	}
	return ""
}

func isFile(path string) bool {
	f, err := folder.OpenRegular(path)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

func shorten(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }
