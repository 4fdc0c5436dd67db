package models

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/graph"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/models/weights/safetensors"
)

// ExportOptions choose what Export writes.
type ExportOptions struct {
	// External puts the weights into a file of their own beside the graph, named like it with "_data" behind.
	External bool
	// Images exports the image tower of a model that has two.
	Images bool
}

// Export writes the graph that is built from a model's config.json and safetensors weights as an ordinary .onnx file. It
// gives token states (last_hidden_state); pooling and what follows stays with modules.json. Files come into being whole:
// they are written beside their place and renamed. Errors are *failure.Error, or of the file system.
func Export(src *source.Source, path string, o ExportOptions) error {
	built, err := buildGraph(src, o.Images)
	if err != nil {
		return err
	}
	files := fileSet{}
	defer files.discard()
	model, err := files.create(path)
	if err != nil {
		return err
	}
	if o.External {
		name := filepath.Base(path) + "_data"
		data, err := files.create(filepath.Join(filepath.Dir(path), name))
		if err != nil {
			return err
		}
		if err := built.ExportExternal(model, data, name); err != nil {
			return err
		}
		return files.keep()
	}
	if err := built.Export(model); err != nil {
		return err
	}
	return files.keep()
}

func buildGraph(src *source.Source, images bool) (*graph.Result, error) {
	if src.Weights == "" {
		return nil, failure.Errorf(failure.StageLoad, failure.KindMissingFile,
			"%s: expected model.safetensors to export from, found none", src.Ref)
	}
	set, err := safetensors.OpenSet(src.Weights, src.Caches...)
	if err != nil {
		return nil, err
	}
	config, err := readConfig(src)
	if err != nil {
		return nil, err
	}
	if images {
		return graph.BuildImage(config, set)
	}
	return graph.Build(config, set)
}

// maxConfig bounds config.json.
const maxConfig = 16 << 20

// readConfig reads the config.json that a graph is built from.
func readConfig(src *source.Source) ([]byte, error) {
	f, err := os.Open(filepath.Join(src.ModelDir, "config.json"))
	if err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindMissingFile,
			"expected config.json beside the safetensors weights, it says how to build the graph: %w", err)
	}
	defer f.Close()
	config, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInvalidConfig, "config.json: %w", err)
	}
	if len(config) > maxConfig {
		return nil, failure.Errorf(failure.StageLoad, failure.KindTooLarge, "config.json: expected at most %d bytes", maxConfig)
	}
	return config, nil
}

// fileSet are files under way, and their places.
type fileSet map[string]*os.File

func (s fileSet) create(path string) (*os.File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err == nil {
		s[path] = f
	}
	return f, err
}

// keep closes the files and puts them in their places.
func (s fileSet) keep() error {
	for path, f := range s {
		err := errors.Join(f.Chmod(0o644), f.Close())
		if err == nil {
			err = os.Rename(f.Name(), path)
		}
		if err != nil {
			return err
		}
		delete(s, path)
	}
	return nil
}

// discard removes what was not kept.
func (s fileSet) discard() {
	for _, f := range s {
		_ = f.Close() // it may be closed already, and goes away in any case
		_ = os.Remove(f.Name())
	}
}
