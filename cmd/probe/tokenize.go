package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tokenizer"
	"github.com/divinedevops/probe/probe/isolate"
)

// tokenized is one line of probe tokenize.
type tokenized struct {
	Index   int      `json:"index"`
	IDs     []int64  `json:"ids"`
	Tokens  []string `json:"tokens"`
	Offsets [][2]int `json:"offsets"`
	TypeIDs []int64  `json:"type_ids,omitempty"`
	Mask    []int64  `json:"attention_mask,omitempty"`
}

// tokenizeRequest is what the task "tokenize" is asked for.
type tokenizeRequest struct {
	Ref       string     `json:"ref"`
	Pair      bool       `json:"pair"`
	NoSpecial bool       `json:"no_special"`
	Truncate  bool       `json:"truncate"`
	Pad       bool       `json:"pad"`
	Texts     textFormat `json:"texts"`

	getenv func(string) string // nil in a child, which has the environment itself
}

// tokenizeTask sends lines as they come, or all at the end if they are padded.
var tokenizeTask = isolate.Register("tokenize", func(_ context.Context, q tokenizeRequest, s *isolate.Stream) error {
	s.Step("load")
	getenv := q.getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	t, err := models.OpenTokenizer(q.Ref, getenv)
	if err != nil {
		return err
	}
	s.Step("tokenize")
	w := tokenWriter{
		tokenizer: t, pair: q.Pair, pad: q.Pad, to: s,
		options: tokenizer.Options{AddSpecialTokens: !q.NoSpecial, Tokens: true, Offsets: true},
	}
	if q.Truncate {
		w.options.MaxLength = -1
	}
	for text, err := range q.Texts.read(s.Input()) {
		if err == nil {
			err = w.add(text)
		}
		if err != nil {
			_ = w.flush() // what came before it; the error is the one to tell
			return err
		}
	}
	return w.finish()
})

func tokenizeCommand(env *environment) *cobra.Command {
	var output string
	var in textInput
	var hold isolation
	q := tokenizeRequest{getenv: env.getenv}
	cmd := &cobra.Command{
		Use:   "tokenize --model REF [TEXT...]",
		Short: "Token ids of texts (arguments, or stdin: one a line), one JSON object a line",
		Long: "Token ids, one JSON object a line, of whole texts without padding; offsets count Unicode characters.\n" +
			"REF may also be a tokenizer.json. With --pair, texts go two by two.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkModel(q.Ref, "a folder, org/name or a tokenizer.json"); err != nil {
				return err
			}
			if err := hold.check(); err != nil {
				return err
			}
			out, err := env.openOutput(output)
			if err != nil {
				return err
			}
			defer out.discard()
			f := isolate.Follow{Result: isolate.Lines(out)}
			f.Input, q.Texts = in.source(env, args)
			if err := runTask(cmd.Context(), env, &hold, tokenizeTask, q, f); err != nil {
				return modelError(err)
			}
			return out.keep()
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.Ref, "model", "", "the `REF` of the model, or a tokenizer.json")
	f.BoolVar(&q.Pair, "pair", false, "take the texts two by two, as pairs")
	f.BoolVar(&q.NoSpecial, "no-special", false, "without special tokens ([CLS], </s>, ...)")
	f.BoolVar(&q.Truncate, "truncate", false, "truncate as the tokenizer's file declares")
	f.BoolVar(&q.Pad, "pad", false, "pad as the tokenizer's file declares")
	f.StringVar(&output, "output", "", "write to `FILE` instead of stdout")
	in.register(f)
	hold.register(f)
	return cmd
}

// lineBuffer is how much of the lines goes out at once.
const lineBuffer = 32 << 10

// tokenWriter makes the lines. Padding to the longest text needs all texts first, so lines are made at the end then.
type tokenWriter struct {
	tokenizer *tokenizer.Tokenizer
	options   tokenizer.Options
	pair, pad bool
	to        *isolate.Stream

	first   *string // the first text of a pair whose second has not come yet
	index   int
	waiting []*tokenizer.Encoding // for padding
	lines   bytes.Buffer
}

func (w *tokenWriter) add(text string) error {
	if w.pair && w.first == nil {
		w.first = &text
		return nil
	}
	options := w.options
	if w.pair {
		second := text
		options.Pair, text, w.first = &second, *w.first, nil
	}
	e, err := w.tokenizer.Encode(text, options)
	if err != nil {
		return failure.Errorf(failure.StageInference, failure.KindTokenizer, "text %d: %w", w.index+len(w.waiting), err)
	}
	if w.pad {
		w.waiting = append(w.waiting, e)
		return nil
	}
	return w.line(e)
}

func (w *tokenWriter) line(e *tokenizer.Encoding) error {
	line := tokenized{Index: w.index, IDs: e.IDs, Tokens: e.Tokens, Offsets: e.Offsets}
	if w.pair {
		line.TypeIDs = e.TypeIDs
	}
	if w.pad {
		line.Mask = e.AttentionMask
	}
	doc, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("text %d: %w", w.index, err)
	}
	w.index++
	w.lines.Write(append(printable.ASCII(doc), '\n'))
	if w.lines.Len() < lineBuffer {
		return nil
	}
	return w.flush()
}

func (w *tokenWriter) flush() error {
	_, err := w.lines.WriteTo(w.to)
	return err
}

// finish pads what was waiting for the longest text and writes it.
func (w *tokenWriter) finish() error {
	if w.first != nil {
		return isolate.Misusef("--pair expects an even number of texts, the last one has no second")
	}
	if w.pad {
		p := w.tokenizer.Padding()
		if p == nil {
			return isolate.Misusef("--pad: the tokenizer's file declares no padding")
		}
		if err := p.Apply(w.waiting, w.options); err != nil {
			return err
		}
		for _, e := range w.waiting {
			if err := w.line(e); err != nil {
				return err
			}
		}
	}
	return w.flush()
}
