package graph

import (
	"strings"

	"github.com/divinedevops/probe/models/failure"
)

// families is the allowlist: what config.json calls model_type, and how its graph is built.
var families = map[string]family{
	"bert":        bertFamily(readBERT, "bert."),
	"roberta":     bertFamily(readRoBERTa, "roberta."),
	"xlm-roberta": bertFamily(readRoBERTa, "roberta."),
	"camembert":   bertFamily(readRoBERTa, "roberta."),
	"electra":     bertFamily(readELECTRA, "electra."),
	"mpnet":       mpnetFamily,
	"distilbert":  distilbertFamily,
	"albert":      albertFamily,
	"deberta-v2":  debertaFamily,
	"modernbert":  modernbertFamily,
	"nomic_bert":  rotaryFamily(readNomic, []string{"nomic_bert.", "bert.", ""}, nomicInert...),
	"gte":         rotaryFamily(readGTE, []string{"gte.", "new.", ""}, newInert...),
	"new":         rotaryFamily(readNew, []string{"new.", ""}, newInert...),
	"t5":          t5Family,
	"llama":       decoderFamily(readLLaMA),
	"mistral":     decoderFamily(readMistral),
	"qwen2":       decoderFamily(readQwen2),
	"qwen3":       decoderFamily(readQwen3),
	"gemma":       decoderFamily(readGemma),
	"clip":        clipTextFamily,
	"siglip":      siglipTextFamily,
	"gemma3_text": decoderFamily(readGemma3, "final_logit_softcapping", "cache_implementation"),
}

// find chooses the family, or says what there is.
func find(c *config) (family, error) {
	if c.modelType == "" {
		return family{}, failure.Errorf(failure.StageLoad, failure.KindInvalidConfig,
			"config.json has no model_type; expected one of %s", strings.Join(ModelTypes(), ", "))
	}
	f, ok := families[c.modelType]
	if c.modelType == "bert" && isJina(c) {
		*c.ownCode = true
		return jinaFamily, nil
	}
	if !ok {
		return family{}, failure.Errorf(failure.StageLoad, failure.KindUnsupportedModel,
			"no graph is built for model_type %q; known are %s. Export the model to ONNX instead "+
				"(optimum-cli export onnx) and probe that file", c.modelType, strings.Join(ModelTypes(), ", "))
	}
	return f, nil
}
