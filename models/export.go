package models

import (
	"io"
	"os"
	"path/filepath"

	"github.com/divinedevops/probe/internal/wholefile"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/graph"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/models/weights"
)

// ExportOptions choose what Export writes.
type ExportOptions struct {
	// External puts the weights into a file of their own next to the graph, named like it plus "_data".
	External bool
	// DataName is the name of that file, for ExportTo.
	DataName string
	// Images exports the image tower of a model that has two.
	Images bool
}

// Export writes the graph that is built from a model's config.json and weights as an ordinary .onnx file. It returns
// token states (last_hidden_state); pooling and what follows stays with modules.json. Files appear whole: they are
// written next to their place and renamed. Errors are *failure.Error, or of the file system.
func Export(src *source.Source, path string, o ExportOptions) error {
	model, err := wholefile.Create(path)
	if err != nil {
		return err
	}
	defer model.Discard()
	if !o.External {
		if err := ExportTo(src, model, nil, o); err != nil {
			return err
		}
		return model.Keep(0o644)
	}
	o.DataName = filepath.Base(path) + "_data"
	data, err := wholefile.Create(filepath.Join(filepath.Dir(path), o.DataName))
	if err != nil {
		return err
	}
	defer data.Discard()
	if err := ExportTo(src, model, data, o); err != nil {
		return err
	}
	// The graph last: whoever sees it finds its weights.
	if err := data.Keep(0o644); err != nil {
		return err
	}
	return model.Keep(0o644)
}

// ExportTo is Export to writers: the graph to model and, with ExportOptions.External, the weights to data.
func ExportTo(src *source.Source, model, data io.Writer, o ExportOptions) error {
	built, err := buildGraph(src, o.Images)
	if err != nil {
		return err
	}
	if o.External {
		return built.ExportExternal(model, data, o.DataName)
	}
	return built.Export(model)
}

func buildGraph(src *source.Source, images bool) (*graph.Result, error) {
	if src.Weights == "" {
		return nil, failure.Errorf(failure.StageLoad, failure.KindMissingFile,
			"%s: expected weights to export from (model.safetensors, pytorch_model.bin), found none", src.Ref)
	}
	set, err := weights.Open(src.Weights, src.Caches...)
	if err != nil {
		return nil, err
	}
	config, err := configOf(src, set)
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

// configOf is the configuration that a graph is built from: the one that the weights carry, or the folder's config.json.
func configOf(src *source.Source, set *weights.Set) ([]byte, error) {
	if config := set.Config(); config != nil {
		return config, nil
	}
	return readConfig(src)
}

// readConfig reads the config.json that a graph is built from.
func readConfig(src *source.Source) ([]byte, error) {
	f, err := os.Open(filepath.Join(src.ModelDir, "config.json"))
	if err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindMissingFile,
			"expected config.json next to the weights, because it says how to build the graph: %w", err)
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
