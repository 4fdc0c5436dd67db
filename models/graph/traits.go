package graph

import "github.com/divinedevops/probe/vocabulary"

// Traits are what a kind of model is known for, in whatever form its graph comes. The zero value is the usual model: one
// tower, padding that the graph leaves out.
type Traits struct {
	// TwoTowers reports that the model has a tower for texts and one for images, which BuildImage builds.
	TwoTowers bool
	// FillsUp reports that the model was trained on texts that are padded to the full length, and reads the padding like
	// text: SigLIP (arXiv:2303.15343; transformers' documentation asks for padding="max_length").
	FillsUp bool
	// Type is the report's type if the kind of model decides it: what would load the model. CLIP has a loader of its own
	// (transformers' CLIPModel, which vector-inspector calls "clip"). SigLIP has none: CLIPModel cannot load it, so it is
	// one of transformers' other models. "" leaves the type to the files.
	Type string
}

// traits are the kinds of model that are not the usual one, by config.json's model_type. Two towers follow from
// imageFamilies.
var traits = map[string]Traits{
	"clip":              {Type: vocabulary.TypeCLIP},
	"siglip":            {FillsUp: true},
	"siglip_text_model": {FillsUp: true},
	"siglip2":           {FillsUp: true},
}

// TraitsOf returns the traits of a model_type; an unknown one is usual.
func TraitsOf(modelType string) Traits {
	t := traits[modelType]
	_, t.TwoTowers = imageFamilies[modelType]
	return t
}
