package tokenizer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// fileSet is a model's folder that has no tokenizer.json: the files from which its tokenizer is built, as
// transformers 5 builds it.
type fileSet struct {
	dir    string
	config object // tokenizer_config.json, with special_tokens_map.json in it
	decode []AddedToken
	class  string // the tokenizer's class, without "Fast"
}

// family builds the tokenizers of one class of transformers.
type family struct {
	// file is the vocabulary that the class reads.
	file string
	// build makes the model and what is around it.
	build func(f *fileSet, path string) (*built, error)
}

// built is a tokenizer in the making.
type built struct {
	model  *modelFile
	parts  object   // normalizer and pre_tokenizer
	named  []string // special tokens, as tokens(): "bos_token=<s>" and so on
	lstrip string   // which of the named tokens takes the space before it, where the files do not say
	extra  []AddedToken
	// post makes the post-processor, once the special tokens have their ids; nil for the one that add_bos_token and
	// add_eos_token ask for.
	post func(t *Tokenizer, token func(name string) string) (object, error)
}

var families = map[string]family{
	"BertTokenizer":        {"vocab.txt", buildBert},
	"MPNetTokenizer":       {"vocab.txt", buildMPNet},
	"RobertaTokenizer":     {"vocab.json", buildRoberta},
	"GPT2Tokenizer":        {"vocab.json", buildGPT2},
	"GPTNeoXTokenizer":     {"vocab.json", buildGPTNeoX},
	"Qwen2Tokenizer":       {"vocab.json", buildQwen2},
	"DebertaTokenizer":     {"vocab.json", buildDeberta},
	"CLIPTokenizer":        {"vocab.json", buildCLIP},
	"XLMRobertaTokenizer":  {"sentencepiece.bpe.model", buildXLMRoberta},
	"CamembertTokenizer":   {"sentencepiece.bpe.model", buildCamembert},
	"MBartTokenizer":       {"sentencepiece.bpe.model", buildMBart},
	"T5Tokenizer":          {"spiece.model", buildT5},
	"AlbertTokenizer":      {"spiece.model", buildAlbert},
	"XLNetTokenizer":       {"spiece.model", buildXLNet},
	"DebertaV2Tokenizer":   {"spm.model", buildDebertaV2},
	"LlamaTokenizer":       {"tokenizer.model", buildLlama},
	"GemmaTokenizer":       {"tokenizer.model", buildGemma},
	"TokenizersBackend":    {"tokenizer.model", buildPieces},
	"PreTrainedTokenizer":  {"tokenizer.model", buildPieces},
	"DistilBertTokenizer":  {"vocab.txt", buildBert},
	"ElectraTokenizer":     {"vocab.txt", buildBert},
	"ConvBertTokenizer":    {"vocab.txt", buildBert},
	"MobileBertTokenizer":  {"vocab.txt", buildBert},
	"SqueezeBertTokenizer": {"vocab.txt", buildBert},
	"BartTokenizer":        {"vocab.json", buildRoberta},
	"LongformerTokenizer":  {"vocab.json", buildRoberta},
}

// classOfModel is the tokenizer class of a model type, for folders that do not name one.
var classOfModel = map[string]string{
	"bert": "BertTokenizer", "distilbert": "BertTokenizer", "electra": "BertTokenizer", "convbert": "BertTokenizer",
	"mobilebert": "BertTokenizer", "nomic_bert": "BertTokenizer", "squeezebert": "BertTokenizer",
	"layoutlm": "BertTokenizer", "megatron-bert": "BertTokenizer", "ernie": "BertTokenizer",
	"mpnet": "MPNetTokenizer", "roberta": "RobertaTokenizer", "bart": "RobertaTokenizer", "longformer": "RobertaTokenizer",
	"roberta-prelayernorm": "RobertaTokenizer", "data2vec-text": "RobertaTokenizer",
	"gpt2": "GPT2Tokenizer", "gpt_neo": "GPT2Tokenizer", "gptj": "GPT2Tokenizer", "opt": "GPT2Tokenizer",
	"gpt_neox": "GPTNeoXTokenizer", "qwen2": "Qwen2Tokenizer", "qwen3": "Qwen2Tokenizer", "clip": "CLIPTokenizer",
	"xlm-roberta": "XLMRobertaTokenizer", "mbart": "MBartTokenizer", "deberta": "DebertaTokenizer",
	"camembert": "CamembertTokenizer", "t5": "T5Tokenizer", "mt5": "T5Tokenizer",
	"albert": "AlbertTokenizer", "xlnet": "XLNetTokenizer", "deberta-v2": "DebertaV2Tokenizer",
	"llama": "LlamaTokenizer", "gemma": "GemmaTokenizer", "gemma2": "GemmaTokenizer", "gemma3_text": "GemmaTokenizer",
	"mistral": "TokenizersBackend", "mixtral": "TokenizersBackend",
}

// LoadDir reads the tokenizer of a model's folder: its tokenizer.json, or, where there is none, the tokenizer that
// transformers 5 builds from vocab.txt, from vocab.json and merges.txt, or from a sentencepiece model, with the
// settings of tokenizer_config.json, special_tokens_map.json and added_tokens.json.
func LoadDir(dir string) (*Tokenizer, error) {
	path := filepath.Join(dir, "tokenizer.json")
	if _, err := os.Stat(path); err == nil || !errors.Is(err, os.ErrNotExist) {
		return Load(path)
	}
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	t, err := f.convert()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return t, nil
}

// convert builds the tokenizer of the folder's class.
func (f *fileSet) convert() (*Tokenizer, error) {
	fam, known := families[f.class]
	if !known {
		return nil, fmt.Errorf("there is no tokenizer.json, and a %s cannot be built from other files; "+
			"save the tokenizer with transformers and save_pretrained, which writes it", f.class)
	}
	path := filepath.Join(f.dir, fam.file)
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("there is no tokenizer.json, and a %s needs %s: %w", f.class, fam.file, err)
	}
	b, err := fam.build(f, path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fam.file, err)
	}
	return f.assemble(b)
}

// findClass returns the tokenizer's class: what tokenizer_config.json names, or what goes with the model's
// type, or with the files that are there.
func (f *fileSet) findClass(modelType string) {
	class, _ := f.config["tokenizer_class"].(string)
	f.class = strings.TrimSuffix(class, "Fast")
	byModel := classOfModel[modelType]
	if f.class == "" || byModel == "TokenizersBackend" {
		f.class = byModel
	}
	if f.class != "" && f.class != "PreTrainedTokenizer" {
		return
	}
	if modelType != "" && !f.has("vocab.txt") && !f.has("tokenizer.model") {
		f.class = fmt.Sprintf("tokenizer of a model of type %q", modelType)
		return
	}
	for _, guess := range []string{"BertTokenizer", "RobertaTokenizer", "XLMRobertaTokenizer", "T5Tokenizer",
		"DebertaV2Tokenizer", "TokenizersBackend"} {
		if f.has(families[guess].file) {
			f.class = guess
			return
		}
	}
	f.class = "tokenizer of unknown kind"
}

func (f *fileSet) has(name string) bool {
	_, err := os.Stat(filepath.Join(f.dir, name))
	return err == nil
}

// flag is a setting of tokenizer_config.json.
func (f *fileSet) flag(key string, otherwise bool) bool {
	if v, ok := f.config[key].(bool); ok {
		return v
	}
	return otherwise
}

// assemble adds the special tokens and the post-processor.
func (f *fileSet) assemble(b *built) (*Tokenizer, error) {
	t, err := build(b.parts, b.model)
	if err != nil {
		return nil, err
	}
	tokens := f.addedTokens(b)
	if t.added, err = newAddedTokens(tokens, t.model, t.normalizer); err != nil {
		return nil, err
	}
	token := func(name string) string { return f.special(b, name).Content }
	post := b.post
	if post == nil {
		post = f.beginAndEnd
	}
	o, err := post(t, token)
	if err != nil {
		return nil, err
	}
	t.postProcessor, err = newPostProcessor(o)
	return t, err
}
