package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/pflag"

	"github.com/divinedevops/probe/internal/columns"
	"github.com/divinedevops/probe/internal/exitcode"
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

// nextText gives one text after the other, then io.EOF.
type nextText func() (string, error)

// texts reads the arguments where there are any, else stdin.
func (in *textInput) texts(env *environment, args []string) nextText {
	if len(args) > 0 {
		return func() (string, error) {
			if len(args) == 0 {
				return "", io.EOF
			}
			text := args[0]
			args = args[1:]
			return text, nil
		}
	}
	return in.lines(bufio.NewReaderSize(env.stdin, 1<<16))
}

// lines reads stdin. Only LF ends a line, so that a text may hold any other character, CR among them; an empty line is an
// empty text, and a last line needs no LF.
func (in *textInput) lines(r *bufio.Reader) nextText {
	number := 0
	return func() (string, error) {
		number++
		line, err := readLine(r)
		if errors.Is(err, errTooLong) {
			return "", exitcode.Errorf(exitcode.Usage, "stdin, line %d: expected at most %d bytes", number, maxLine)
		}
		if err != nil {
			return "", err
		}
		if !in.jsonl {
			return line, nil
		}
		var text *string
		if err := json.Unmarshal([]byte(line), &text); err != nil || text == nil {
			return "", exitcode.Errorf(exitcode.Usage, "stdin, line %d: --jsonl expects one JSON string, found %s", number,
				columns.Fit(line, 40))
		}
		return *text, nil
	}
}

var errTooLong = errors.New("line too long")

func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return "", errTooLong
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line) > 0:
			return string(line), nil
		case err != nil:
			return "", fmt.Errorf("stdin: %w", err)
		}
		return string(line[:len(line)-1]), nil
	}
}

// inBatches hands texts on in groups of at most n.
func inBatches(next nextText, n int, do func([]string) error) error {
	var batch []string
	for {
		text, err := next()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		end := err != nil
		if !end {
			batch = append(batch, text)
		}
		if len(batch) == n || end && len(batch) > 0 {
			if err := do(batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
		if end {
			return nil
		}
	}
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
