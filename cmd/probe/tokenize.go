package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/tokenizer"
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

func tokenizeCommand(env *environment) *cobra.Command {
	var ref, output string
	var in textInput
	var pair, noSpecial, truncate, pad bool
	cmd := &cobra.Command{
		Use:   "tokenize --model REF [TEXT...]",
		Short: "Token ids of texts (arguments, or stdin: one a line), one JSON object a line",
		Long: "Token ids, one JSON object a line, of whole texts without padding; offsets count Unicode characters.\n" +
			"REF may also be a tokenizer.json. With --pair, texts go two by two.",
		RunE: func(_ *cobra.Command, args []string) error {
			if ref == "" {
				return exitcode.Errorf(exitcode.Usage, "expected --model REF (a folder, org/name or a tokenizer.json), found none")
			}
			t, err := models.OpenTokenizer(ref, env.getenv)
			if err != nil {
				return modelError(err)
			}
			w := tokenWriter{
				tokenizer: t, pair: pair, pad: pad,
				options: tokenizer.Options{AddSpecialTokens: !noSpecial, Tokens: true, Offsets: true},
			}
			if truncate {
				w.options.MaxLength = -1
			}
			if err := inBatches(in.texts(env, args), embedBatch, w.add); err != nil {
				return err
			}
			if err := w.finish(); err != nil {
				return err
			}
			return env.writeOutput(output, w.out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&ref, "model", "", "the `REF` of the model, or a tokenizer.json")
	f.BoolVar(&pair, "pair", false, "take the texts two by two, as pairs")
	f.BoolVar(&noSpecial, "no-special", false, "without special tokens ([CLS], </s>, ...)")
	f.BoolVar(&truncate, "truncate", false, "truncate as the tokenizer's file declares")
	f.BoolVar(&pad, "pad", false, "pad as the tokenizer's file declares")
	f.StringVar(&output, "output", "", "write to `FILE` instead of stdout")
	in.register(f)
	return cmd
}

// tokenWriter gathers the lines. Padding to the longest text needs all texts first, so lines are made at the end then.
type tokenWriter struct {
	tokenizer *tokenizer.Tokenizer
	options   tokenizer.Options
	pair, pad bool

	first   *string // the first text of a pair whose second has not come yet
	index   int
	waiting []*tokenizer.Encoding
	out     []byte
}

func (w *tokenWriter) add(texts []string) error {
	for _, text := range texts {
		if w.pair && w.first == nil {
			w.first = &text
			continue
		}
		options := w.options
		if w.pair {
			second := text
			options.Pair, text, w.first = &second, *w.first, nil
		}
		e, err := w.tokenizer.Encode(text, options)
		if err != nil {
			return exitcode.Errorf(exitcode.Inference, "text %d: %w", w.index+len(w.waiting), err)
		}
		w.waiting = append(w.waiting, e)
	}
	if w.pad {
		return nil
	}
	return w.write()
}

func (w *tokenWriter) write() error {
	for _, e := range w.waiting {
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
		w.out = append(append(w.out, printable.ASCII(doc)...), '\n')
		w.index++
	}
	w.waiting = w.waiting[:0]
	return nil
}

// finish pads what was waiting for the longest text and writes it.
func (w *tokenWriter) finish() error {
	if w.first != nil {
		return exitcode.Errorf(exitcode.Usage, "--pair expects an even number of texts, the last one has no second")
	}
	if w.pad {
		p := w.tokenizer.Padding()
		if p == nil {
			return exitcode.Errorf(exitcode.Usage, "--pad: the tokenizer's file declares no padding")
		}
		if err := p.Apply(w.waiting, w.options); err != nil {
			return err
		}
	}
	return w.write()
}
