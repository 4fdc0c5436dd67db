package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"github.com/divinedevops/probe/internal/columns"
	"github.com/divinedevops/probe/probe/isolate"
)

// maxLine bounds one text on stdin.
const maxLine = 64 << 20

// textInput is how texts are given: as arguments, or on stdin one a line.
type textInput struct {
	jsonl bool
}

func (in *textInput) register(f *pflag.FlagSet) {
	f.BoolVar(&in.jsonl, "jsonl", false, "stdin has one JSON string a line, for texts with line feeds in them")
}

// textFormat is how texts stand in the bytes that a task reads: JSON would not carry every byte of them.
type textFormat string

const (
	textLines     textFormat = "lines" // only LF ends a text; a last one needs none
	textJSONLines textFormat = "jsonl" // a JSON string a line
	textArguments textFormat = "nul"   // NUL ends a text: no argument holds one
)

// source is the arguments if there are any, otherwise stdin, which is also what a lone "-" means.
func (in *textInput) source(env *environment, args []string) (io.Reader, textFormat) {
	stdin := len(args) == 0 || len(args) == 1 && args[0] == "-"
	switch {
	case !stdin:
		return strings.NewReader(strings.Join(args, "\x00") + "\x00"), textArguments
	case in.jsonl:
		return env.stdin, textJSONLines
	}
	return env.stdin, textLines
}

// read yields one text after the other, until the first error. Only LF ends a line of stdin, so that a text may hold any
// other character, CR among them; an empty line is an empty text.
func (f textFormat) read(r io.Reader) iter.Seq2[string, error] {
	ends := byte('\n')
	if f == textArguments {
		ends = 0
	}
	return func(yield func(string, error) bool) {
		b := bufio.NewReaderSize(r, 1<<16)
		if f != textArguments {
			if err := skipMark(b); err != nil {
				yield("", err)
				return
			}
		}
		for number := 1; ; number++ {
			text, err := readText(b, ends)
			if errors.Is(err, io.EOF) {
				return
			}
			if errors.Is(err, errTooLong) {
				err = isolate.Misusef("stdin, line %d: expected at most %d bytes", number, maxLine)
			}
			if err == nil && f != textArguments {
				err = checkUTF8(text, number)
			}
			if err == nil && f == textJSONLines {
				text, err = jsonText(text, number)
			}
			if !yield(text, err) || err != nil {
				return
			}
		}
	}
}

// skipMark takes a byte order mark off the beginning, which is no part of the first text. That of UTF-16 tells what stdin is.
func skipMark(b *bufio.Reader) error {
	mark, _ := b.Peek(3) // the next read has the error
	switch {
	case bytes.HasPrefix(mark, []byte{0xef, 0xbb, 0xbf}):
		_, err := b.Discard(3)
		return err
	case bytes.HasPrefix(mark, []byte{0xff, 0xfe}), bytes.HasPrefix(mark, []byte{0xfe, 0xff}):
		return isolate.Misusef("stdin: expected texts in UTF-8, found UTF-16; convert it first, as with iconv -f UTF-16 -t UTF-8")
	}
	return nil
}

// checkUTF8 refuses bytes that no tokenizer could make sense of: a text in another encoding would get the vector of
// replacement characters.
func checkUTF8(text string, line int) error {
	for i, r := range text {
		if r != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
			return isolate.Misusef("stdin, line %d: expected texts in UTF-8, found the byte %#02x; convert it first, as with iconv -f LATIN1 -t UTF-8",
				line, text[i])
		}
	}
	return nil
}

func jsonText(line string, number int) (string, error) {
	var text *string
	if err := json.Unmarshal([]byte(line), &text); err != nil || text == nil {
		return "", isolate.Misusef("stdin, line %d: --jsonl expects one JSON string, found %s", number, columns.Fit(line, 40))
	}
	return *text, nil
}

var errTooLong = errors.New("line too long")

// readText reads to the byte that ends a text, or to the end.
func readText(r *bufio.Reader, ends byte) (string, error) {
	var text []byte
	for {
		part, err := r.ReadSlice(ends)
		text = append(text, part...)
		switch {
		case len(text) > maxLine:
			return "", errTooLong
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(text) > 0:
			return string(text), nil
		case err != nil:
			return "", fmt.Errorf("stdin: %w", err)
		}
		return string(text[:len(text)-1]), nil
	}
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
