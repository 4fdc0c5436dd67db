package source

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// framework is a form of models that is not run here, by the files that show it.
type framework struct {
	// names are patterns (path.Match) of a file's or folder's name in lower case.
	names []string
	// is goes on from the file's name: "is a GGUF file of llama.cpp".
	is string
	// advice is what to do about it.
	advice string
}

// The ways out. convert works for weights that transformers loads; the others have an origin that has more files.
const (
	convert = "convert it once, with `optimum-cli export onnx -m DIR DIR/onnx`, or to safetensors with " +
		"`python -c \"from sentence_transformers import SentenceTransformer as S; S('DIR').save_pretrained('NEW')\"`"
	convertTF = "convert it once with transformers 4, which reads it: " +
		"`python -c \"from transformers import AutoModel as M; M.from_pretrained('DIR', from_tf=True).save_pretrained('NEW')\"`"
	convertFlax = "convert it once with transformers 4, which reads it: " +
		"`python -c \"from transformers import AutoModel as M; M.from_pretrained('DIR', from_flax=True).save_pretrained('NEW')\"`"
	original = "it was made from a model in safetensors or ONNX: download that, or its own ONNX files"
	unpack   = "unpack it and give the folder"
	nameFile = "if it holds a state dict, give the file itself"
)

// frameworks are looked through in order; the first that a file fits counts.
var frameworks = []framework{
	{[]string{"open_clip_config.json", "open_clip_*", "*.open_clip.*"}, "part of an open_clip model, whose weights have other names than transformers'",
		"use the same model in transformers' form (on the hub often the name without open_clip, or laion/...), or export it to ONNX"},
	{[]string{"adapter_model.*", "adapter_config.json"}, "an adapter (PEFT), which needs the model it was made for",
		"merge the two with merge_and_unload(), save the result with save_pretrained, and give that"},
	{[]string{"pytorch_model*.bin*", "*.pt", "*.pth", "*.ckpt", "*.pkl"}, "a PyTorch pickle under a name that is not a model's", nameFile},
	{[]string{"tf_model.h5"}, "a TensorFlow model", convertTF},
	{[]string{"flax_model*.msgpack*"}, "a Flax checkpoint", convertFlax},
	{[]string{"*.gguf", "ggml-*.bin"}, "a GGUF file of llama.cpp", original},
	{[]string{"openvino_*.xml", "openvino_*.bin"}, "an OpenVINO graph", original},
	{[]string{"*.ort"}, "in ONNX Runtime's own .ort format", "give the .onnx file it was made from"},
	{[]string{"saved_model.pb", "keras_metadata.pb", "*.keras", "*.pbtxt", "frozen_*.pb", "*.h5"}, "a TensorFlow model", "convert it to ONNX once with tf2onnx"},
	{[]string{"*.tflite"}, "a TensorFlow Lite model", original},
	{[]string{"*.mlmodel", "*.mlpackage", "*.mlmodelc"}, "a Core ML model", original},
	{[]string{"*.engine", "*.plan"}, "a TensorRT engine, which fits one kind of GPU only", original},
	{[]string{"*.pdparams", "*.pdmodel", "*.pdiparams"}, "a PaddlePaddle model", "convert it to ONNX once with paddle2onnx"},
	{[]string{"*.npz"}, "an archive of NumPy arrays (MLX)", original},
	{[]string{"rust_model.ot"}, "a rust-bert checkpoint", original},
	{[]string{"mlc-chat-config.json"}, "part of an MLC model", original},
	{[]string{"*.mnn", "*.ncnn.*", "*.rknn", "*.dlc", "*.hef"}, "a model compiled for one kind of device", original},
	{[]string{"model_index.json"}, "part of a diffusers pipeline, which makes images", "give the folder of its text encoder"},
	{[]string{"*.kv", "*.vec", "*.word2vec*", "glove.*"}, "a table of word vectors (gensim, GloVe, fastText)", "it has no tokenizer and no text embedding; measure a sentence embedding model"},
	{[]string{"*.nemo"}, "a NeMo archive", original},
	{[]string{"*.tar", "*.tar.gz", "*.tgz", "*.tar.bz2", "*.tar.xz", "*.zip", "*.7z", "*.rar", "*.tar.zst"}, "an archive", unpack},
}

// frameworkOf finds the framework that a file or folder of this name belongs to.
func frameworkOf(name string) (framework, bool) {
	lower := strings.ToLower(name)
	for _, f := range frameworks {
		for _, pattern := range f.names {
			if ok, _ := path.Match(pattern, lower); ok {
				return f, true
			}
		}
	}
	return framework{}, false
}

// findFramework looks for the files of another framework in a folder and then one level below, where exporters put them
// (openvino/, coreml/). name is relative to dir.
func findFramework(dir string) (name string, f framework, ok bool) {
	below, err := entries(dir)
	if err != nil {
		return "", f, false
	}
	for _, e := range below {
		if f, ok = frameworkOf(e.Name()); ok {
			return e.Name(), f, true
		}
	}
	for i, e := range below {
		if i >= maxFolders || !isModelFolder(e) {
			continue
		}
		for _, inner := range list(filepath.Join(dir, e.Name())) {
			if f, ok = frameworkOf(inner); ok {
				return e.Name() + "/" + inner, f, true
			}
		}
	}
	return "", f, false
}

// isModelFolder leaves out what tools keep for themselves.
func isModelFolder(e fs.DirEntry) bool { return e.IsDir() && !strings.HasPrefix(e.Name(), ".") }
