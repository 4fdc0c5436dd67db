package tokenizer

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/tokenizer/unicode"
)

// buildBert reads vocab.txt as BertTokenizer does.
func buildBert(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"unk_token=[UNK]", "sep_token=[SEP]", "pad_token=[PAD]", "cls_token=[CLS]",
		"mask_token=[MASK]"}}
	b.post = func(t *Tokenizer, token func(string) string) (object, error) {
		cls, sep := token("cls_token"), token("sep_token")
		return templateObject(t, cls+":0 $A:0 "+sep+":0", cls+":0 $A:0 "+sep+":0 $B:1 "+sep+":1", cls, sep)
	}
	return b, f.wordPiece(b, path)
}

// buildMPNet reads vocab.txt as MPNetTokenizer does.
func buildMPNet(f *fileSet, path string) (*built, error) {
	b := &built{lstrip: "mask_token", named: []string{"bos_token=<s>", "eos_token=</s>", "sep_token=</s>",
		"cls_token=<s>", "unk_token=[UNK]", "pad_token=<pad>", "mask_token=<mask>"}}
	b.post = func(t *Tokenizer, token func(string) string) (object, error) {
		return robertaObject(t, token("cls_token"), token("sep_token"), true, false)
	}
	return b, f.wordPiece(b, path)
}

// wordPiece fills in what BERT's kin have in common.
func (f *fileSet) wordPiece(b *built, path string) error {
	data, err := readFile(path)
	if err != nil {
		return err
	}
	unknown := f.special(b, "unk_token").Content
	if b.model, err = wordPieceModel(data, unknown); err != nil {
		return err
	}
	normalizer := object{"type": "BertNormalizer", "clean_text": true,
		"handle_chinese_chars": f.flag("tokenize_chinese_chars", true), "lowercase": f.flag("do_lower_case", true)}
	if strip, ok := f.config["strip_accents"].(bool); ok {
		normalizer["strip_accents"] = strip
	}
	b.parts = object{"normalizer": normalizer, "pre_tokenizer": object{"type": "BertPreTokenizer"}}
	return nil
}

// wordPieceModel reads a vocab.txt: a token a line, the ids are the numbers of the lines.
func wordPieceModel(data []byte, unknown string) (*modelFile, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("expected UTF-8, found invalid bytes")
	}
	m := &modelFile{vocab: newVocab(bytes.Count(data, []byte("\n")) + 1)}
	m.fields = object{"type": "WordPiece", "unk_token": unknown, "continuing_subword_prefix": "##",
		"max_input_chars_per_word": float64(100)}
	id := int32(0)
	for rest := string(data); rest != ""; id++ {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		line = strings.TrimRightFunc(line, unicode.IsWhitespace)
		if err := m.vocab.add([]byte(line), id); err != nil {
			return nil, err
		}
	}
	m.vocab.close()
	return m, nil
}

// robertaObject describes a RobertaProcessing.
func robertaObject(t *Tokenizer, cls, sep string, trim, prefixSpace bool) (object, error) {
	clsPair, err := pairObject(t, cls)
	if err != nil {
		return nil, err
	}
	sepPair, err := pairObject(t, sep)
	return object{"type": "RobertaProcessing", "cls": clsPair, "sep": sepPair, "trim_offsets": trim,
		"add_prefix_space": prefixSpace}, err
}
