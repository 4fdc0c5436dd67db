package tokenizer

// buildLlama reads tokenizer.model as LlamaTokenizer does.
func buildLlama(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"unk_token=<unk>", "bos_token=<s>", "eos_token=</s>"}}
	m, err := b.readPieces(path)
	if err != nil {
		return nil, err
	}
	scheme := "never"
	switch {
	case !f.flag("add_prefix_space", true):
	case f.flag("legacy", false):
		scheme = "always"
	default:
		scheme = "first"
	}
	b.parts = object{"pre_tokenizer": metaspaceObject(scheme, false)}
	b.model, err = m.bpeModel(object{"type": "BPE", "fuse_unk": true, "byte_fallback": true})
	return b, err
}

// buildGemma reads tokenizer.model as GemmaTokenizer does.
func buildGemma(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"unk_token=<unk>", "bos_token=<bos>", "eos_token=<eos>", "pad_token=<pad>",
		"mask_token=<mask>"}}
	m, err := b.readPieces(path)
	if err != nil {
		return nil, err
	}
	b.parts = object{
		"normalizer": spacesObject(),
		"pre_tokenizer": object{"type": "Split", "pattern": object{"String": " "},
			"behavior": "MergedWithPrevious", "invert": false},
	}
	b.model, err = m.bpeModel(object{"type": "BPE", "fuse_unk": true, "byte_fallback": true,
		"unk_token": f.special(b, "unk_token").Content})
	return b, err
}

// spacesObject replaces spaces by sentencepiece's visible one.
func spacesObject() object {
	return object{"type": "Replace", "pattern": object{"String": " "}, "content": "▁"}
}

// buildPieces reads tokenizer.model as transformers does where no class says how.
func buildPieces(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"bos_token=<s>", "eos_token=</s>", "unk_token=<unk>"}}
	m, err := b.readPieces(path)
	if err != nil {
		return nil, err
	}
	b.parts = object{"normalizer": sequenceObject("normalizers", append(m.charsmapObjects(), spacesObject())...)}
	if m.bpe {
		b.model, err = m.bpeModel(object{"type": "BPE", "fuse_unk": true, "byte_fallback": m.byteFallback,
			"unk_token": m.unknownPiece})
	} else {
		b.model, err = m.unigram(m.pieces, max(m.unknown, 0), m.byteFallback)
	}
	return b, err
}
