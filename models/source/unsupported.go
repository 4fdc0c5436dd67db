package source

import (
	"path/filepath"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/weights"
)

// nothing is the error for a folder without weights that can be run: it says what is there instead.
func (s *Source) nothing(root *folder.Root) error {
	dirs := []string{s.ModelDir}
	if s.ModelDir != s.Dir {
		dirs = append(dirs, s.Dir)
	}
	var names []string
	for _, dir := range dirs {
		if name, f, ok := findFramework(dir); ok {
			return fail(failure.KindUnsupportedFormat, "%s has no ONNX, safetensors or PyTorch weights; its %s is %s; %s", s.Ref, name, f.is, f.advice)
		}
		names = append(names, list(dir)...)
	}
	for _, name := range names {
		if found := folder.IdentifyFile(filepath.Join(s.Dir, name)); found.Instead() && found.Format != folder.FormatMedia {
			return fail(found.Kind(), "%s has no ONNX, safetensors or PyTorch weights; its %s is %s; %s", s.Ref, name, found.Is, found.Advice)
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
