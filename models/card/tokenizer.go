package card

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/folder"
)

// Unlimited stands for a number of tokens that no text reaches. transformers writes 10^30 and takes anything above 10^20
// for it (tokenization_utils_base.py, VERY_LARGE_INTEGER and LARGE_INTEGER).
const Unlimited = math.MaxInt

const largeInteger = 1e20

// limit reads a number of tokens of at least 1, Unlimited for transformers' way to write that.
func (o *object) limit(key string) *Declared[int] {
	f := o.number(key)
	if f == nil {
		return nil
	}
	d := &Declared[int]{Value: Unlimited, File: f.File, Key: f.Key}
	switch {
	case f.Value > largeInteger || f.Value >= math.MaxInt64/2:
	case f.Value < 1 || f.Value != math.Trunc(f.Value):
		o.wrongType(key, "a whole number of tokens, at least 1", o.raw(key))
		return nil
	default:
		d.Value = int(f.Value)
	}
	return d
}

// TokenizerConfig is what tokenizer_config.json declares, and which tokenizer files are there.
type TokenizerConfig struct {
	// Path is the absolute path of tokenizer.json, "" if there is none.
	Path string
	// Files are the tokenizer's files that are there, relative to the model's folder: vocabularies that only transformers'
	// own tokenizer classes read, too.
	Files []string
	// ModelMaxLength is model_max_length (or max_len, its old name); nil if it states no limit.
	ModelMaxLength *Declared[int]
	Class          *Declared[string]
	// DoLowerCase, StripAccents and TokenizeChineseChars are settings of the tokenizer classes of BERT and its kin.
	DoLowerCase, StripAccents, TokenizeChineseChars *Declared[bool]
	// PadToken is the text of the token that batches are filled up with.
	PadToken *Declared[string]
	// PaddingSide and TruncationSide are "right" or "left".
	PaddingSide, TruncationSide *Declared[string]

	hasConfig bool // tokenizer_config.json is there
}

// tokenizerFiles are the names of vocabularies, in the order in which they say that the model takes text.
func tokenizerFiles() []string {
	return []string{
		"tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt", "sentencepiece.bpe.model",
		"spiece.model", "spm.model", "tokenizer.model", "bpe.codes",
	}
}

func readTokenizer(f *files, modelDir string) TokenizerConfig {
	var c TokenizerConfig
	c.Files = f.present(modelDir, tokenizerFiles())
	if modelDir != "" && len(c.Files) == 0 {
		c.Files = f.present("", tokenizerFiles())
	}
	for _, file := range c.Files {
		if path.Base(file) == "tokenizer.json" {
			if _, err := f.root.Path(file); err != nil && f.err == nil {
				f.err = err
			}
			c.Path = filepath.Join(f.root.Dir, filepath.FromSlash(file))
		}
	}
	o := f.firstObject(modelDir, "tokenizer_config.json")
	c.hasConfig = o != nil
	c.ModelMaxLength = firstOf(o.limit("model_max_length"), o.limit("max_len"))
	if c.ModelMaxLength != nil && c.ModelMaxLength.Value == Unlimited {
		c.ModelMaxLength = nil
	}
	c.Class = o.text("tokenizer_class")
	c.DoLowerCase = o.flag("do_lower_case")
	c.StripAccents, c.TokenizeChineseChars = o.flag("strip_accents"), o.flag("tokenize_chinese_chars")
	c.PadToken = o.tokenText("pad_token")
	c.PaddingSide, c.TruncationSide = o.text("padding_side"), o.text("truncation_side")
	return c
}

// besideGraph takes a tokenizer that is named after the graph, as packages for Java have them
// (bge-small-en-v1.5.onnx, bge-small-en-v1.5-tokenizer.json), if the folder has no tokenizer.json.
func (c *TokenizerConfig) besideGraph(f *files, graph string) {
	if c.Path != "" || graph == "" || f.err != nil {
		return
	}
	dir, err := filepath.Rel(f.root.Dir, filepath.Dir(graph))
	if err != nil {
		return
	}
	stem := strings.TrimSuffix(filepath.Base(graph), filepath.Ext(graph))
	for _, joint := range []string{"-", "_", "."} {
		file := path.Join(filepath.ToSlash(dir), stem+joint+"tokenizer.json")
		if !f.root.Listed(file) {
			continue
		}
		if _, err := f.root.Path(file); err != nil {
			f.err = err
			return
		}
		c.Path = filepath.Join(f.root.Dir, filepath.FromSlash(file))
		c.Files = append([]string{file}, c.Files...)
		return
	}
	c.onlyOne(f, filepath.ToSlash(dir))
}

// onlyOne takes the only file next to a graph that has "tokenizer" in its name and is no configuration, if there is no
// vocabulary that transformers' classes read.
func (c *TokenizerConfig) onlyOne(f *files, dir string) {
	if slices.ContainsFunc(c.Files, func(file string) bool { return path.Base(file) != "tokenizer_config.json" }) {
		return
	}
	var found []string
	for _, name := range f.root.NamesIn(dir, maxModuleFolders) {
		lower := strings.ToLower(name)
		if strings.HasSuffix(lower, ".json") && strings.Contains(lower, "tokenizer") && !strings.Contains(lower, "config") {
			found = append(found, path.Join(dir, name))
		}
	}
	if len(found) == 1 && f.root.Has(found[0]) {
		c.Path = filepath.Join(f.root.Dir, filepath.FromSlash(found[0]))
		c.Files = append(found, c.Files...)
	}
}

// tokenText reads a token, which is a string or, as older files have it, an object with its text as content.
func (o *object) tokenText(key string) *Declared[string] {
	if raw := bytes.TrimSpace(o.raw(key)); len(raw) > 0 && raw[0] == '{' {
		return o.object(key).text("content")
	}
	return o.text(key)
}

func (f *files) present(dir string, names []string) []string {
	var out []string
	for _, name := range names {
		if file := path.Join(dir, name); f.root.Listed(file) {
			out = append(out, file)
		}
	}
	return out
}

// tokenizerTruncation reads truncation.max_length from the beginning of a tokenizer.json, where tens of megabytes
// of vocabulary may follow. It matters where the tokenizer runs without transformers around it (StaticEmbedding).
func tokenizerTruncation(file, name string) *Declared[int] {
	f, err := folder.OpenRegular(file)
	if err != nil {
		return nil // the tokenizer reports what is wrong with its file
	}
	defer f.Close()
	d := json.NewDecoder(io.LimitReader(f, 4*maxJSON))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil
		}
		if key != "truncation" {
			var skipped json.RawMessage
			if d.Decode(&skipped) != nil {
				return nil
			}
			continue
		}
		var truncation *struct {
			MaxLength int `json:"max_length"`
		}
		if d.Decode(&truncation) != nil || truncation == nil || truncation.MaxLength < 1 {
			return nil
		}
		return &Declared[int]{Value: truncation.MaxLength, File: name, Key: "truncation.max_length"}
	}
	return nil
}
