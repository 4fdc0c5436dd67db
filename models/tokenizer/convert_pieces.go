package tokenizer

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// readPieces reads a sentencepiece model, and makes added tokens of its control and user-defined pieces.
func (b *built) readPieces(path string) (*pieceModel, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	m, err := parsePieceModel(data)
	if err != nil {
		return nil, err
	}
	for _, p := range m.pieces {
		if p.kind == 3 || p.kind == 4 {
			b.extra = append(b.extra, AddedToken{Content: p.text, Special: p.kind == 3})
		}
	}
	return m, nil
}

// charsmapObjects is the normalizer of the model's rules, if it has any.
func (m *pieceModel) charsmapObjects() []object {
	if len(m.charsmap) == 0 {
		return nil
	}
	encoded := base64.StdEncoding.EncodeToString(m.charsmap)
	return []object{{"type": "Precompiled", "precompiled_charsmap": encoded}}
}

// wordsAndMetaspace is the pre-tokenizer of most of them.
func wordsAndMetaspace(prefixSpace bool) object {
	scheme := "never"
	if prefixSpace {
		scheme = "always"
	}
	return sequenceObject("pretokenizers", object{"type": "WhitespaceSplit"}, metaspaceObject(scheme, true))
}

func metaspaceObject(scheme string, split bool) object {
	return object{"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": split}
}

func plainPiece(text string) spPiece { return spPiece{text: text} }

// buildXLMRoberta reads sentencepiece.bpe.model as XLMRobertaTokenizer does: fairseq has its own first four tokens.
func buildXLMRoberta(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"bos_token=<s>", "eos_token=</s>", "sep_token=</s>", "cls_token=<s>",
		"unk_token=<unk>", "pad_token=<pad>", "mask_token=<mask>"}}
	m, err := b.readPieces(path)
	if err != nil {
		return nil, err
	}
	token := func(name string) string { return f.special(b, name).Content }
	pieces := []spPiece{plainPiece(token("bos_token")), plainPiece(token("pad_token")), plainPiece(token("eos_token")),
		plainPiece(token("unk_token"))}
	pieces = append(pieces, m.pieces[min(3, len(m.pieces)):]...)
	pieces = append(pieces, plainPiece(token("mask_token")))
	b.parts = object{"normalizer": only(m.charsmapObjects()),
		"pre_tokenizer": wordsAndMetaspace(f.flag("add_prefix_space", true))}
	b.post = fairseqPair
	b.model, err = m.unigram(pieces, 3, false)
	return b, err
}

// mbartLanguages are the language codes that mBART's vocabulary ends with.
const mbartLanguages = "ar_AR cs_CZ de_DE en_XX es_XX et_EE fi_FI fr_XX gu_IN hi_IN it_IT ja_XX kk_KZ ko_KR lt_LT " +
	"lv_LV my_MM ne_NP nl_XX ro_RO ru_RU si_LK tr_TR vi_VN zh_CN"

// buildMBart reads it as MBartTokenizer does: no normalizer, and the source language after the text.
func buildMBart(f *fileSet, path string) (*built, error) {
	b, err := buildXLMRoberta(f, path)
	if err != nil {
		return nil, err
	}
	b.lstrip = "mask_token"
	m, err := b.readPieces(path)
	if err != nil {
		return nil, err
	}
	token := func(name string) string { return f.special(b, name).Content }
	pieces := []spPiece{plainPiece(token("bos_token")), plainPiece(token("pad_token")), plainPiece(token("eos_token")),
		plainPiece(token("unk_token"))}
	pieces = append(pieces, m.pieces[min(3, len(m.pieces)):]...)
	control := b.extra
	b.extra = nil
	for code := range strings.FieldsSeq(mbartLanguages) {
		pieces = append(pieces, plainPiece(code))
		b.extra = append(b.extra, AddedToken{Content: code, Special: true})
	}
	b.extra = append(b.extra, control...)
	pieces = append(pieces, plainPiece(token("mask_token")))
	language, err := f.config.strOr("src_lang", "en_XX")
	if err != nil {
		return nil, err
	}
	b.parts = object{"pre_tokenizer": wordsAndMetaspace(true)}
	b.post = func(t *Tokenizer, token func(string) string) (object, error) {
		end := " " + token("eos_token") + ":0 " + language + ":0"
		return templateObject(t, "$A:0"+end, "$A:0 $B:0"+end, token("eos_token"), language)
	}
	b.model, err = m.unigram(pieces, 3, false)
	return b, err
}

// fairseqPair is <s> A </s>, or <s> A </s> </s> B </s>.
func fairseqPair(t *Tokenizer, token func(string) string) (object, error) {
	bos, eos := token("bos_token"), token("eos_token")
	single := bos + ":0 $A:0 " + eos + ":0"
	return templateObject(t, single, single+" "+eos+":0 $B:0 "+eos+":0", bos, eos)
}

// only is the one normalizer of a list, or nil.
func only(list []object) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// buildCamembert reads it as CamembertTokenizer does.
func buildCamembert(f *fileSet, path string) (*built, error) {
	b, err := buildXLMRoberta(f, path)
	if err != nil {
		return nil, err
	}
	b.lstrip, b.extra = "mask_token", nil
	m, err := b.readPieces(path)
	if err != nil {
		return nil, err
	}
	token := func(name string) string { return f.special(b, name).Content }
	pieces := []spPiece{plainPiece("<s>NOTUSED"), plainPiece(token("pad_token")), plainPiece("</s>NOTUSED"),
		plainPiece(token("unk_token")), {text: "<unk>NOTUSED", score: -100}}
	pieces = append(pieces, m.pieces[1:]...)
	pieces = append(pieces, plainPiece(token("mask_token")))
	unknown := slices.IndexFunc(pieces, func(p spPiece) bool { return p.text == token("unk_token") })
	b.model, err = m.unigram(pieces, max(unknown, 0), false)
	return b, err
}

// buildT5 reads spiece.model as T5Tokenizer does.
func buildT5(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"eos_token=</s>", "unk_token=<unk>", "pad_token=<pad>"}}
	m, err := b.readPieces(path)
	if err != nil {
		return nil, err
	}
	count, err := f.config.integerOr("extra_ids", 10_000, 100)
	if err != nil {
		return nil, err
	}
	pieces := slices.Clone(m.pieces)
	for i := count - 1; i >= 0; i-- {
		pieces = append(pieces, plainPiece(fmt.Sprintf("<extra_id_%d>", i)))
	}
	for i := range count {
		b.extra = append(b.extra, AddedToken{Content: fmt.Sprintf("<extra_id_%d>", i), Special: true})
	}
	b.parts = object{"normalizer": only(m.charsmapObjects()), "pre_tokenizer": wordsAndMetaspace(true)}
	b.post = func(t *Tokenizer, _ func(string) string) (object, error) {
		return templateObject(t, "$A:0 </s>:0", "$A:0 </s>:0 $B:0 </s>:0", "</s>")
	}
	b.model, err = m.unigram(pieces, 2, false)
	return b, err
}

// quotes are the first normalizers of ALBERT and XLNet.
func quotes() []object {
	return []object{
		{"type": "Replace", "pattern": object{"String": "``"}, "content": `"`},
		{"type": "Replace", "pattern": object{"String": "''"}, "content": `"`},
	}
}

// buildAlbert reads spiece.model as AlbertTokenizer does.
func buildAlbert(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"bos_token=[CLS]", "eos_token=[SEP]", "unk_token=<unk>", "sep_token=[SEP]",
		"pad_token=<pad>", "cls_token=[CLS]", "mask_token=[MASK]"}}
	m, err := b.readPieces(path)
	if err != nil {
		return nil, err
	}
	list := quotes()
	if !f.flag("keep_accents", false) {
		list = append(list, object{"type": "NFKD"}, object{"type": "StripAccents"})
	}
	if f.flag("do_lower_case", true) {
		list = append(list, object{"type": "Lowercase"})
	}
	list = append(list, m.charsmapObjects()...)
	b.parts = object{"normalizer": sequenceObject("normalizers", list...),
		"pre_tokenizer": wordsAndMetaspace(f.flag("add_prefix_space", true))}
	b.post = func(t *Tokenizer, _ func(string) string) (object, error) {
		return templateObject(t, "[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", "[CLS]", "[SEP]")
	}
	b.model, err = m.unigram(m.pieces, 1, false)
	return b, err
}

// buildXLNet reads spiece.model as XLNetTokenizer does.
func buildXLNet(f *fileSet, path string) (*built, error) {
	b := &built{lstrip: "mask_token", named: []string{"bos_token=<s>", "eos_token=</s>", "unk_token=<unk>",
		"sep_token=<sep>", "pad_token=<pad>", "cls_token=<cls>", "mask_token=<mask>"}}
	m, err := b.readPieces(path)
	if err != nil {
		return nil, err
	}
	list := append(quotes(), object{"type": "NFKD"}, object{"type": "StripAccents"})
	if f.flag("do_lower_case", false) {
		list = append(list, object{"type": "Lowercase"})
	}
	list = append(list, m.charsmapObjects()...)
	b.parts = object{"normalizer": sequenceObject("normalizers", list...), "pre_tokenizer": wordsAndMetaspace(true)}
	b.post = func(t *Tokenizer, token func(string) string) (object, error) {
		sep, cls := token("sep_token"), token("cls_token")
		return templateObject(t, "$A:0 "+sep+":0 "+cls+":2", "$A:0 "+sep+":0 $B:1 "+sep+":1 "+cls+":2", sep, cls)
	}
	b.model, err = m.unigram(m.pieces, max(m.unknown, 0), false)
	return b, err
}

// buildDebertaV2 reads spm.model as DebertaV2Tokenizer does.
func buildDebertaV2(f *fileSet, path string) (*built, error) {
	b := &built{named: []string{"bos_token=[CLS]", "eos_token=[SEP]", "unk_token=[UNK]", "sep_token=[SEP]",
		"pad_token=[PAD]", "cls_token=[CLS]", "mask_token=[MASK]"}}
	m, err := b.readPieces(path)
	if err != nil {
		return nil, err
	}
	var list, cuts []object
	if f.flag("do_lower_case", false) {
		list = append(list, object{"type": "Lowercase"})
	}
	list = append(list,
		object{"type": "Replace", "pattern": object{"Regex": `\s{2,}|[\n\r\t]`}, "content": " "},
		object{"type": "NFC"}, object{"type": "Strip", "strip_left": false, "strip_right": true})
	if f.flag("split_by_punct", false) {
		cuts = append(cuts, object{"type": "Punctuation", "behavior": "Isolated"})
	}
	scheme := "first"
	if f.flag("add_prefix_space", true) {
		scheme = "always"
	}
	b.parts = object{"normalizer": sequenceObject("normalizers", list...),
		"pre_tokenizer": sequenceObject("pretokenizers", append(cuts, metaspaceObject(scheme, true))...)}
	b.post = func(t *Tokenizer, token func(string) string) (object, error) {
		cls, sep := token("cls_token"), token("sep_token")
		return templateObject(t, cls+":0 $A:0 "+sep+":0", cls+":0 $A:0 "+sep+":0 $B:1 "+sep+":1", cls, sep)
	}
	unknown := slices.IndexFunc(m.pieces, func(p spPiece) bool {
		return p.text == f.special(b, "unk_token").Content && p.score == 0
	})
	if unknown < 0 {
		unknown = max(m.unknown, 0)
	}
	b.model, err = m.unigram(m.pieces, unknown, false)
	return b, err
}
