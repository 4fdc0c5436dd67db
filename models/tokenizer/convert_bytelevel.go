package tokenizer

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"unicode/utf8"
)

// buildRoberta reads vocab.json and merges.txt as RobertaTokenizer does.
func buildRoberta(f *fileSet, path string) (*built, error) {
	prefixSpace := f.flag("add_prefix_space", false)
	b := &built{named: []string{"bos_token=<s>", "eos_token=</s>", "sep_token=</s>", "cls_token=<s>",
		"unk_token=<unk>", "pad_token=<pad>", "mask_token=<mask>"}}
	b.post = func(t *Tokenizer, token func(string) string) (object, error) {
		return robertaObject(t, token("cls_token"), token("sep_token"), f.flag("trim_offsets", true), prefixSpace)
	}
	b.parts = object{"pre_tokenizer": byteLevelObject(prefixSpace, true)}
	return b, b.readBPE(path, object{})
}

// buildGPT2 reads them as GPT2Tokenizer does.
func buildGPT2(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"unk_token=<|endoftext|>", "bos_token=<|endoftext|>", "eos_token=<|endoftext|>"}}
	b.parts = object{"pre_tokenizer": byteLevelObject(f.flag("add_prefix_space", false), true)}
	return b, b.readBPE(path, object{})
}

// buildGPTNeoX reads them as GPTNeoXTokenizer does.
func buildGPTNeoX(f *fileSet, path string) (*built, error) {
	b, err := buildGPT2(f, path)
	if err != nil {
		return nil, err
	}
	b.named = append(b.named, "pad_token=<|padding|>")
	b.parts["normalizer"] = object{"type": "NFC"}
	return b, nil
}

// buildDeberta reads them as DebertaTokenizer does.
func buildDeberta(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"bos_token=[CLS]", "eos_token=[SEP]", "sep_token=[SEP]", "cls_token=[CLS]",
		"unk_token=[UNK]", "pad_token=[PAD]", "mask_token=[MASK]"}}
	b.post = func(t *Tokenizer, token func(string) string) (object, error) {
		cls, sep := token("cls_token"), token("sep_token")
		single := cls + ":0 $A:0 " + sep + ":0"
		return templateObject(t, single, single+" "+sep+":0 $B:0 "+sep+":0", cls, sep)
	}
	b.parts = object{"pre_tokenizer": byteLevelObject(f.flag("add_prefix_space", false), true)}
	return b, b.readBPE(path, object{})
}

// buildQwen2 reads them as Qwen2Tokenizer does.
func buildQwen2(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"unk_token=<|endoftext|>", "eos_token=<|endoftext|>", "pad_token=<|endoftext|>"}}
	b.parts = object{
		"normalizer": object{"type": "NFC"},
		"pre_tokenizer": sequenceObject("pretokenizers",
			object{"type": "Split", "pattern": object{"Regex": patternQwen2}, "behavior": "Isolated", "invert": false},
			byteLevelObject(f.flag("add_prefix_space", false), false)),
	}
	return b, b.readBPE(path, object{})
}

// buildCLIP reads them as CLIPTokenizer does.
func buildCLIP(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"unk_token=<|endoftext|>", "bos_token=<|startoftext|>", "eos_token=<|endoftext|>",
		"pad_token=<|endoftext|>"}}
	b.parts = object{
		"normalizer": sequenceObject("normalizers", object{"type": "NFC"},
			object{"type": "Replace", "pattern": object{"Regex": `\s+`}, "content": " "}, object{"type": "Lowercase"}),
		"pre_tokenizer": sequenceObject("pretokenizers",
			object{"type": "Split", "pattern": object{"Regex": patternCLIPSpecial}, "behavior": "Removed", "invert": true},
			byteLevelObject(false, true)),
	}
	b.post = func(t *Tokenizer, token func(string) string) (object, error) {
		return robertaObject(t, token("bos_token"), token("eos_token"), false, false)
	}
	return b, b.readBPE(path, object{"end_of_word_suffix": "</w>", "unk_token": f.special(b, "unk_token").Content})
}

func byteLevelObject(prefixSpace, regex bool) object {
	return object{"type": "ByteLevel", "add_prefix_space": prefixSpace, "use_regex": regex, "trim_offsets": true}
}

func sequenceObject(key string, parts ...object) object {
	list := make([]any, len(parts))
	for i, p := range parts {
		list[i] = p
	}
	return object{"type": "Sequence", key: list}
}

// readBPE reads vocab.json and the merges.txt next to it.
func (b *built) readBPE(path string, fields object) error {
	data, err := readFile(path)
	if err != nil {
		return err
	}
	if !utf8.Valid(data) {
		return errors.New("expected UTF-8, found invalid bytes")
	}
	fields["type"] = "BPE"
	b.model = &modelFile{fields: fields, pairs: true}
	j := &jsonScanner{data: data}
	if err := b.model.readVocab(j); err != nil {
		return err
	}
	if err := j.end(); err != nil {
		return err
	}
	if data, err = readFile(filepath.Join(filepath.Dir(path), "merges.txt")); err != nil {
		return err
	}
	if !utf8.Valid(data) {
		return errors.New("merges.txt: expected UTF-8, found invalid bytes")
	}
	for len(data) > 0 {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte("\n"))
		if len(b.model.merges) >= maxVocabSize {
			return fmt.Errorf("more than %d merges", maxVocabSize)
		}
		if err := b.model.addMergeLine(bytes.TrimSuffix(line, []byte("\r"))); err != nil {
			return fmt.Errorf("merges.txt: %w", err)
		}
	}
	return nil
}
