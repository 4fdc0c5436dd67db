package tokenizer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/divinedevops/probe/models/folder"
)

// maxFileBytes is the largest tokenizer file that is read. The largest that is published has 35 MB.
const maxFileBytes = 1 << 27

// Load reads a tokenizer.json.
func Load(path string) (*Tokenizer, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	t, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// readFile reads a regular file of bounded size.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("tokenizer: expected %s to be a regular file, found %s", path, info.Mode().Type())
	}
	if info.Size() > maxFileBytes {
		return nil, fmt.Errorf("tokenizer: %s has %d bytes; expected at most %d", path, info.Size(), maxFileBytes)
	}
	data := make([]byte, info.Size())
	n, err := io.ReadFull(f, data)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	data = data[:n]
	if found := folder.Identify(data[:min(len(data), folder.HeadSize)], int64(len(data))); found.NotText() {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), found.Err())
	}
	return data, nil
}

// Parse builds a tokenizer from the bytes of a tokenizer.json.
func Parse(data []byte) (*Tokenizer, error) {
	t, err := parse(data, func(object) {})
	if err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	return t, nil
}

// parse reads a tokenizer.json; replace may change its parts, but for the model.
func parse(data []byte, replace func(parts object)) (*Tokenizer, error) {
	if len(data) > maxFileBytes {
		return nil, fmt.Errorf("%d bytes; expected at most %d", len(data), maxFileBytes)
	}
	if !utf8.Valid(data) {
		return nil, errors.New("expected UTF-8, found invalid bytes")
	}
	j := &jsonScanner{data: data}
	parts := object{}
	var m *modelFile
	err := j.object(func(key string) error {
		var err error
		if key == "model" {
			m, err = readModel(j)
			return err
		}
		parts[key], err = j.value()
		return err
	})
	if err == nil {
		err = j.end()
	}
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, errors.New(`expected a "model", found none`)
	}
	if v, ok := parts["version"]; ok && v != "1.0" {
		return nil, wrongType("version", `"1.0"`, v)
	}
	replace(parts)
	return build(parts, m)
}

// build puts the parts of a file together.
func build(parts object, m *modelFile) (*Tokenizer, error) {
	t := &Tokenizer{}
	var err error
	if t.model, err = m.build(); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if t.normalizer, err = newNormalizer(parts["normalizer"]); err != nil {
		return nil, err
	}
	if t.preTokenizer, err = newPreTokenizer(parts["pre_tokenizer"]); err != nil {
		return nil, err
	}
	t.preTokenizer = finish(t.preTokenizer, t.model)
	if t.postProcessor, err = newPostProcessor(parts["post_processor"]); err != nil {
		return nil, err
	}
	if t.truncation, err = newTruncation(parts["truncation"]); err != nil {
		return nil, fmt.Errorf("truncation: %w", err)
	}
	if t.padding, err = newPadding(parts["padding"]); err != nil {
		return nil, fmt.Errorf("padding: %w", err)
	}
	added, err := readAddedTokens(parts["added_tokens"])
	if err != nil {
		return nil, fmt.Errorf("added_tokens: %w", err)
	}
	t.added, err = newAddedTokens(added, t.model, t.normalizer)
	return t, err
}

// readAddedTokens reads the list of added tokens.
func readAddedTokens(v any) ([]AddedToken, error) {
	if v == nil {
		return nil, nil
	}
	list, err := object{"added_tokens": v}.objects("added_tokens")
	if err != nil {
		return nil, err
	}
	if len(list) > maxVocabSize {
		return nil, fmt.Errorf("%d tokens; expected at most %d", len(list), maxVocabSize)
	}
	tokens := make([]AddedToken, len(list))
	for i, o := range list {
		t := &tokens[i]
		if t.Content, err = o.str("content"); err != nil {
			return nil, err
		}
		flags := []*bool{&t.SingleWord, &t.LStrip, &t.RStrip, &t.Normalized, &t.Special}
		for i, key := range []string{"single_word", "lstrip", "rstrip", "normalized", "special"} {
			if *flags[i], err = o.bool(key); err != nil {
				return nil, fmt.Errorf("%.40q: %w", t.Content, err)
			}
		}
	}
	return tokens, nil
}
