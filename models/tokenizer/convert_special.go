package tokenizer

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// maxConfigBytes bounds the small files of a folder.
const maxConfigBytes = 1 << 24

// specialNames are the special tokens that have a name, in the order in which transformers adds them.
var specialNames = []string{"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}

// openFolder reads the small files of a folder.
func openFolder(dir string) (*fileSet, error) {
	f := &fileSet{dir: dir, config: object{}}
	read := func(name string) (object, error) {
		o, err := readObject(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return o, nil
	}
	config, err := read("tokenizer_config.json")
	if err != nil {
		return nil, err
	}
	if config != nil {
		f.config = config
	}
	if decoder, ok := f.config["added_tokens_decoder"].(object); ok {
		f.decode = decodedTokens(decoder)
	} else {
		if err := f.readLegacy(read); err != nil {
			return nil, err
		}
	}
	model, err := read("config.json")
	if err != nil {
		return nil, err
	}
	modelType, _ := model["model_type"].(string)
	f.findClass(modelType)
	return f, nil
}

// readLegacy reads the files that older versions of transformers wrote next to tokenizer_config.json.
func (f *fileSet) readLegacy(read func(name string) (object, error)) error {
	special, err := read("special_tokens_map.json")
	if err != nil {
		return err
	}
	for key, v := range special {
		if o, ok := v.(object); ok {
			o["special"] = true
		}
		f.config[key] = v
	}
	added, err := read("added_tokens.json")
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, name := range specialNames {
		named[tokenOf(f.config[name]).Content] = true
	}
	for _, t := range f.configExtra() {
		named[t.Content] = true
	}
	for content, id := range added {
		n, ok := id.(float64)
		if !ok {
			return wrongType("added_tokens.json", "an object of token ids", id)
		}
		f.decode = append(f.decode, AddedToken{Content: content, ID: int64(n), Special: named[content],
			Normalized: !named[content]})
	}
	sortByID(f.decode)
	return nil
}

func sortByID(tokens []AddedToken) {
	slices.SortFunc(tokens, func(a, b AddedToken) int { return cmp.Compare(a.ID, b.ID) })
}

// readObject reads a JSON object of bounded size; nil if there is no such file.
func readObject(path string) (object, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > maxConfigBytes {
		return nil, fmt.Errorf("%d bytes; expected at most %d", info.Size(), maxConfigBytes)
	}
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	j := &jsonScanner{data: data}
	v, err := j.value()
	if err == nil {
		err = j.end()
	}
	if err != nil {
		return nil, err
	}
	o, ok := v.(object)
	if !ok {
		return nil, wrongType("the file", "an object", v)
	}
	return o, nil
}

// decodedTokens reads added_tokens_decoder: tokens by their ids, which are strings.
func decodedTokens(decoder object) []AddedToken {
	var tokens []AddedToken
	for id, v := range decoder {
		n, err := strconv.ParseInt(id, 10, 64)
		if t := tokenOf(v); err == nil && t.Content != "" {
			t.ID = n
			tokens = append(tokens, t)
		}
	}
	sortByID(tokens)
	return tokens
}

// tokenOf reads a token that is written as a string, which makes it special, or as an object. Content is empty if
// it is neither.
func tokenOf(v any) AddedToken {
	switch v := v.(type) {
	case string:
		return AddedToken{Content: v, Special: true}
	case object:
		t := AddedToken{}
		t.Content, _ = v["content"].(string)
		t.LStrip, _ = v["lstrip"].(bool)
		t.RStrip, _ = v["rstrip"].(bool)
		t.SingleWord, _ = v["single_word"].(bool)
		t.Special, _ = v["special"].(bool)
		var stated bool
		if t.Normalized, stated = v["normalized"].(bool); !stated {
			t.Normalized = !t.Special
		}
		return t
	}
	return AddedToken{}
}

// special is the named special token of a tokenizer: what the files say, or the default of its class. Content is
// empty if it has none.
func (f *fileSet) special(b *built, name string) AddedToken {
	v, stated := f.config[name]
	t := tokenOf(v)
	if !stated || (v != nil && t.Content == "") {
		for _, each := range b.named {
			if content, ok := strings.CutPrefix(each, name+"="); ok {
				t = AddedToken{Content: content, Special: true}
			}
		}
	}
	if _, isObject := v.(object); !isObject && name == b.lstrip {
		t.LStrip = true
	}
	for _, d := range f.decode {
		if stated && d.Content == t.Content {
			t = d
		}
	}
	t.Special = true
	return t
}

// configExtra are the special tokens without a name that the files list.
func (f *fileSet) configExtra() []AddedToken {
	list, ok := f.config["extra_special_tokens"].([]any)
	if !ok || len(list) == 0 {
		list, _ = f.config["additional_special_tokens"].([]any)
	}
	var tokens []AddedToken
	for _, v := range list {
		if t := tokenOf(v); t.Content != "" {
			tokens = append(tokens, t)
		}
	}
	return tokens
}

// addedTokens are all tokens to add, in the order in which transformers adds them; of those with the same text the
// last one counts.
func (f *fileSet) addedTokens(b *built) []AddedToken {
	tokens := slices.Clone(f.decode)
	known := map[string]bool{}
	for _, t := range tokens {
		known[t.Content] = true
	}
	named := map[string]bool{}
	for _, name := range specialNames {
		t := f.special(b, name)
		if t.Content == "" {
			continue
		}
		named[t.Content] = true
		if !known[t.Content] {
			tokens = append(tokens, t)
		}
	}
	extra := f.configExtra()
	if len(extra) == 0 {
		extra = b.extra
	}
	for _, t := range extra {
		if !known[t.Content] {
			t.Special = t.Special || named[t.Content]
			tokens = append(tokens, t)
		}
	}
	return tokens
}

// beginAndEnd is the post-processor that add_bos_token and add_eos_token ask for.
func (f *fileSet) beginAndEnd(t *Tokenizer, token func(name string) string) (object, error) {
	single, second := "$A:0", "$B:1"
	var used []string
	if bos := token("bos_token"); f.flag("add_bos_token", false) && bos != "" {
		single, second = bos+":0 "+single, bos+":1 "+second
		used = append(used, bos)
	}
	if eos := token("eos_token"); f.flag("add_eos_token", false) && eos != "" {
		single, second = single+" "+eos+":0", second+" "+eos+":1"
		used = append(used, eos)
	}
	return templateObject(t, single, single+" "+second, used...)
}

// templateObject describes a TemplateProcessing in the library's short form: "<s>:0 $A:0 </s>:0".
func templateObject(t *Tokenizer, single, pair string, special ...string) (object, error) {
	tokens := object{}
	for _, content := range special {
		id, ok := t.TokenToID(content)
		if !ok {
			return nil, fmt.Errorf("the special token %.60q has no id", content)
		}
		tokens[content] = object{"id": content, "ids": []any{float64(id)}, "tokens": []any{content}}
	}
	parts := func(text string) []any {
		var list []any
		for _, word := range strings.Split(text, " ") {
			at := strings.LastIndexByte(word, ':')
			typeID := float64(word[at+1] - '0')
			switch name := word[:at]; name {
			case "$A", "$B":
				list = append(list, object{"Sequence": object{"id": name[1:], "type_id": typeID}})
			default:
				list = append(list, object{"SpecialToken": object{"id": name, "type_id": typeID}})
			}
		}
		return list
	}
	return object{"type": "TemplateProcessing", "single": parts(single), "pair": parts(pair),
		"special_tokens": tokens}, nil
}

// pairObject is a ["token", id] pair of a post-processor.
func pairObject(t *Tokenizer, content string) ([]any, error) {
	id, ok := t.TokenToID(content)
	if !ok {
		return nil, fmt.Errorf("the special token %.60q has no id", content)
	}
	return []any{content, float64(id)}, nil
}
