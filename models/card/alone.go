package card

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/models/weights"
)

// maxModuleFolders is the most entries of a model's folder that are looked through for the folders of modules.
const maxModuleFolders = 1000

// moduleFolder is how sentence-transformers names a module's folder: 1_Pooling, 2_Dense.
var moduleFolder = regexp.MustCompile(`^[0-9]{1,2}_([A-Za-z]+)$`)

// lonePooling reads 1_Pooling/config.json of a model that has lost its modules.json: the file declares the pooling all
// the same. sentence-transformers does not look at it, other servers do, so a warning says what was done. Folders of
// other modules are named and not run, because nothing says in which order.
func (c *Card) lonePooling(f *files) *Module {
	var pooling *Module
	var others []string
	for _, name := range f.root.Names(maxModuleFolders) {
		m := moduleFolder.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		config := path.Join(name, "config.json")
		if m[1] == string(ModulePooling) && pooling == nil && f.root.Listed(config) {
			read := readPooling(f.object(config))
			if read == nil {
				continue
			}
			pooling = &Module{
				Index: 1, Kind: ModulePooling, Path: name, Dir: filepath.Join(f.root.Dir, name), Pooling: read,
			}
			c.warnf("%s is missing, so sentence-transformers would ignore %s and take the mean; probe obeys the file, as other "+
				"servers do", modulesJSON, config)
			continue
		}
		if m[1] != string(ModulePooling) && m[1] != string(ModuleTransformer) {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		c.warnf("%s is missing, so the modules in %s are not run; the vectors of the whole model may differ", modulesJSON,
			strings.Join(others, ", "))
	}
	return pooling
}

// staticTensors recognizes static embeddings without a model_type by the names of their tensors: model2vec saves
// embeddings (with mapping and weights), sentence-transformers' StaticEmbedding saves embedding.weight and nothing else.
// Weights that cannot be read are left for the one who opens them to report.
func (c *Card) staticTensors(f *files, src *source.Source) (kind string, ok bool) {
	if src.Format == source.FormatONNX || src.Weights == "" || f.err != nil || strings.HasSuffix(src.Weights, ".json") {
		return "", false
	}
	set, err := weights.Open(src.Weights, src.Caches...)
	if err != nil {
		return "", false
	}
	names := set.Names()
	switch {
	case slices.Contains(names, "embeddings") && !slices.ContainsFunc(names, func(name string) bool {
		return name != "embeddings" && name != "mapping" && name != "weights"
	}):
		return Model2vec, true
	case len(names) == 1 && names[0] == "embedding.weight":
		return staticEmbedding, true
	}
	return "", false
}

// warnf adds a warning for the report.
func (c *Card) warnf(format string, args ...any) {
	c.Warnings = append(c.Warnings, fmt.Sprintf(format, args...))
}
