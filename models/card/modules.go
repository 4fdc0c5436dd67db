package card

import (
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/weights"
)

// ModuleKind is what a module of a sentence-transformers pipeline does.
type ModuleKind string

// The modules whose effect on the vector is known here.
const (
	ModuleTransformer     ModuleKind = "Transformer"
	ModuleCLIP            ModuleKind = "CLIPModel" // a Transformer with two towers, under its old name
	ModuleStaticEmbedding ModuleKind = "StaticEmbedding"
	ModuleWordEmbeddings  ModuleKind = "WordEmbeddings"
	ModulePooling         ModuleKind = "Pooling"
	ModuleDense           ModuleKind = "Dense"
	ModuleLayerNorm       ModuleKind = "LayerNorm"
	ModuleNormalize       ModuleKind = "Normalize"
	ModuleDropout         ModuleKind = "Dropout" // does nothing outside training
	// ModuleUnknown is a module whose effect is not known: code that comes with the model, or a type of sentence-transformers
	// that is not run here. It is read only of a model that has a graph, which may have it inside.
	ModuleUnknown ModuleKind = "unknown"
)

// Module is one step of the pipeline that modules.json lists.
type Module struct {
	// Index is the position in modules.json, which is the order of execution.
	Index int
	// Name, Type and Path are as saved; Path is relative to the model's folder, "" for the folder itself.
	Name, Type, Path string
	Kind             ModuleKind
	// Dir is the absolute folder of the module's files. It may not be there where the module has none (Normalize).
	Dir string

	// Of these one is set, by Kind: Transformer for ModuleTransformer and ModuleCLIP, none for ModuleStaticEmbedding and
	// ModuleDropout.
	Transformer    *TransformerConfig
	Pooling        *PoolingConfig
	Dense          *DenseConfig
	LayerNorm      *LayerNormConfig
	Normalize      *NormalizeConfig
	WordEmbeddings *WordEmbeddingsConfig

	weights    string
	weightsErr error
}

// Input reports whether the module turns texts into features, as the first of a pipeline must.
func (m Module) Input() bool {
	switch m.Kind {
	case ModuleTransformer, ModuleCLIP, ModuleStaticEmbedding, ModuleWordEmbeddings:
		return true
	}
	return false
}

// Weights is the module's own model.safetensors or pytorch_model.bin (Dense, LayerNorm, StaticEmbedding, WordEmbeddings).
// The error, of stage load, is KindMissingFile or KindUnsafePath; it is returned here and not by Read, because a graph that
// contains the module needs no file.
func (m Module) Weights() (string, error) { return m.weights, m.weightsErr }

// maxModules bounds modules.json; real pipelines have up to six modules.
const maxModules = 64

// modulesJSON is the file that lists the pipeline.
const modulesJSON = "modules.json"

// readModules reads modules.json; nil if there is none.
func readModules(f *files) []Module {
	data := f.read(modulesJSON)
	if data == nil {
		return nil
	}
	var entries []map[string]json.RawMessage
	if err := json.Unmarshal(data, &entries); err != nil {
		f.fail(failure.KindInvalidConfig, "%s: expected an array of modules: %w", modulesJSON, friendly(data, err))
		return nil
	}
	if len(entries) == 0 || len(entries) > maxModules {
		f.fail(failure.KindInvalidConfig, "%s: expected 1 to %d modules, found %d", modulesJSON, maxModules, len(entries))
		return nil
	}
	out := make([]Module, len(entries))
	for i, entry := range entries {
		o := &object{files: f, file: modulesJSON, prefix: "[" + itoa(i) + "].", fields: entry}
		out[i] = readModule(o, i)
		if f.err == nil && out[i].Input() != (i == 0) {
			f.fail(failure.KindInvalidConfig, "%s: expected a module that reads text first and only there, found %s as number %d",
				modulesJSON, out[i].Type, i)
		}
	}
	return out
}

func readModule(o *object, index int) Module {
	m := Module{Index: index, Name: o.text("name").orElse("")}
	dotted, where := o.text("type"), o.text("path")
	if o.files.err != nil {
		return m
	}
	if dotted == nil || where == nil {
		o.files.fail(failure.KindInvalidConfig, "%s: module %d: expected the keys type and path", o.file, index)
		return m
	}
	m.Type, m.Path = dotted.Value, where.Value
	m.Kind = moduleKind(o.files, m.Type)
	if m.Kind == ModuleUnknown && index == 0 {
		m.Kind = ModuleTransformer // the graph stands for it
	}
	if err := folder.CheckRelative(m.Path); err != nil {
		o.files.fail(failure.KindUnsafePath, "%s: %s: expected a path inside the model's folder, found %q: %w",
			o.file, o.prefix+"path", m.Path, err)
		return m
	}
	m.Path = strings.TrimPrefix(path.Clean(filepath.ToSlash(m.Path)), ".")
	m.Dir = filepath.Join(o.files.root.Dir, filepath.FromSlash(m.Path))
	m.read(o.files)
	return m
}

// moduleKind knows a module by the last part of its dotted type; the packages before it were renamed over the years:
// sentence_transformers.models.Pooling became sentence_transformers.sentence_transformer.modules.pooling.Pooling.
func moduleKind(f *files, dotted string) ModuleKind {
	if !strings.HasPrefix(dotted, "sentence_transformers.") {
		if f.hasGraph {
			f.warnings = append(f.warnings, fmt.Sprintf(
				"%s: the module type %q is code that comes with the model and is not run; the ONNX graph is measured, which may differ "+
					"from what that code does", modulesJSON, printableType(dotted)))
			return ModuleUnknown
		}
		f.fail(failure.KindUnsupportedModel,
			"%s: the module type %q is code that comes with the model, and probe runs no such code", modulesJSON, dotted)
		return ""
	}
	kind := ModuleKind(dotted[strings.LastIndexByte(dotted, '.')+1:])
	switch kind {
	case ModuleTransformer, ModuleCLIP, ModuleStaticEmbedding, ModuleWordEmbeddings, ModulePooling, ModuleDense,
		ModuleLayerNorm, ModuleNormalize, ModuleDropout:
		return kind
	}
	if f.hasGraph {
		f.warnings = append(f.warnings, fmt.Sprintf(
			"%s: the module type %q is not run here; the ONNX graph is measured, which may have it inside or not", modulesJSON, printableType(dotted)))
		return ModuleUnknown
	}
	f.fail(failure.KindUnsupportedModel, "%s: the module type %q is not supported; its effect on the vector is unknown. "+
		"Supported: Transformer, CLIPModel, StaticEmbedding, WordEmbeddings, Pooling, Dense, LayerNorm, Normalize, Dropout",
		modulesJSON, dotted)
	return ""
}

// printableType keeps a file's type short enough for a warning.
func printableType(dotted string) string { return dotted[:min(len(dotted), 80)] }

// read reads the module's own files.
func (m *Module) read(f *files) {
	config := path.Join(m.Path, "config.json")
	switch m.Kind {
	case ModuleTransformer, ModuleCLIP:
		if f.err == nil && !f.root.Listed(m.Path) {
			f.fail(failure.KindMissingFile, "%s names the folder %s, which is missing", modulesJSON, m.Path)
		}
		m.Transformer = readTransformer(f, m.Path, m.Kind)
	case ModuleStaticEmbedding:
		m.findWeights(f)
	case ModuleWordEmbeddings:
		m.WordEmbeddings = readWordEmbeddings(m.need(f, path.Join(m.Path, "wordembedding_config.json")))
		m.findWeights(f)
	case ModulePooling:
		m.Pooling = readPooling(m.need(f, config))
	case ModuleDense:
		m.Dense = readDense(m.need(f, config))
		m.findWeights(f)
	case ModuleLayerNorm:
		m.LayerNorm = readLayerNorm(m.need(f, config))
		m.findWeights(f)
	case ModuleNormalize:
		m.Normalize = readNormalize(f.object(config))
	}
}

// need is the module's configuration where the module cannot do without.
func (m *Module) need(f *files, file string) *object {
	if f.err == nil && !f.root.Listed(file) {
		f.fail(failure.KindMissingFile, "%s names the module %s, but %s is missing", modulesJSON, m.Type, file)
	}
	return f.object(file)
}

func (m *Module) findWeights(f *files) {
	if f.err != nil {
		return
	}
	file, err := weights.Formats().Find(f.root, m.Path)
	if file != "" {
		if m.weightsErr = err; err == nil {
			m.weights = filepath.Join(m.Dir, path.Base(file))
		}
		return
	}
	m.weightsErr = failure.Errorf(failure.StageLoad, failure.KindMissingFile,
		"%s names the module %s, but its weights %s are missing", modulesJSON, m.Type,
		path.Join(m.Path, weights.Formats().Names()[0]))
}
