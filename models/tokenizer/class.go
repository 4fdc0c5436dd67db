package tokenizer

import (
	"fmt"
	"strings"
)

// BertSettings are the settings by which transformers' own tokenizer classes for BERT and its kin replace those of the
// BertNormalizer in a tokenizer.json. They have them from tokenizer_config.json, or the class's own.
type BertSettings struct {
	Lowercase, HandleChineseChars bool
	StripAccents                  *bool // nil strips accents where letters become lower case
}

// ClassHasBertSettings reports whether a class of transformers ("BertTokenizer", "DistilBertTokenizerFast") makes its
// normalizer from BertSettings (tokenization_bert_fast.py of transformers 4, tokenization_bert.py of 5). A
// PreTrainedTokenizerFast takes tokenizer.json as it is.
func ClassHasBertSettings(class string) bool {
	return families[strings.TrimSuffix(class, "Fast")].file == "vocab.txt"
}

// LoadBert reads a tokenizer.json as a class of BERT's kin does. A normalizer of another kind stays as it is, because
// versions of transformers differ there.
func LoadBert(path string, s BertSettings) (*Tokenizer, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	t, err := parse(data, s.replace)
	if err != nil {
		return nil, fmt.Errorf("%s: tokenizer.json: %w", path, err)
	}
	return t, nil
}

// replace changes the parts of a tokenizer.json.
func (s BertSettings) replace(parts object) {
	n, ok := parts["normalizer"].(object)
	if !ok || n["type"] != "BertNormalizer" {
		return
	}
	n["lowercase"], n["handle_chinese_chars"], n["strip_accents"] = s.Lowercase, s.HandleChineseChars, nil
	if s.StripAccents != nil {
		n["strip_accents"] = *s.StripAccents
	}
}
