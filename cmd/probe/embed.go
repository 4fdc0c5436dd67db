package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
)

// embedBatch is how many texts run at once: what a CPU's caches hold and a GPU still finds worth it.
const embedBatch = 32

// embedding is one line of probe embed.
type embedding struct {
	Index     int       `json:"index"`
	Tokens    int       `json:"tokens"`
	Truncated bool      `json:"truncated"`
	Embedding []float32 `json:"embedding"`
}

func embedCommand(env *environment) *cobra.Command {
	var m measuring
	var in textInput
	var prompt, promptName string
	cmd := &cobra.Command{
		Use:   "embed --model REF [TEXT...]",
		Short: "Vectors for texts (arguments, or stdin: one a line), one JSON object a line",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := m.check(); err != nil {
				return err
			}
			if cmd.Flags().Changed("prompt") && promptName != "" {
				return exitcode.Errorf(exitcode.Usage, "expected --prompt or --prompt-name, found both")
			}
			ctx, cancel := m.limit(cmd.Context())
			defer cancel()
			return m.embed(ctx, env, in.texts(env, args), func(o *probe.Opened) (string, error) {
				return choosePrompt(o, cmd.Flags().Changed("prompt"), prompt, promptName)
			})
		},
	}
	m.register(cmd.Flags())
	in.register(cmd.Flags())
	cmd.Flags().StringVar(&prompt, "prompt", "", "a `TEXT` to stand before each text, in place of the model's default prompt")
	cmd.Flags().StringVar(&promptName, "prompt-name", "", "the `NAME` of one of the model's prompts")
	return cmd
}

// choosePrompt is what stands before each text: the flag, the named prompt, or the model's own default, as
// sentence-transformers' encode chooses.
func choosePrompt(o *probe.Opened, given bool, prompt, name string) (string, error) {
	if given {
		return prompt, nil
	}
	if name == "" {
		return o.Card.DefaultPrompt(), nil
	}
	known := map[string]string{}
	if o.Card.Prompts != nil {
		known = o.Card.Prompts.Value
	}
	if p, ok := known[name]; ok {
		return p, nil
	}
	return "", exitcode.Errorf(exitcode.Usage, "--prompt-name: the model has no prompt %q; it has %s", name,
		cmp.Or(strings.Join(sortedKeys(known), ", "), "none"))
}

func (m *measuring) embed(ctx context.Context, env *environment, next nextText,
	prompt func(*probe.Opened) (string, error)) error {
	opened, err := probe.Open(ctx, m.options(env))
	if err != nil {
		return modelError(err)
	}
	defer func() { _ = opened.Close() }() // the vectors are out; the process ends
	before, err := prompt(opened)
	if err != nil {
		return err
	}
	var b strings.Builder
	index := 0
	err = inBatches(next, embedBatch, func(texts []string) error {
		tokens, err := opened.Model.Prepare(texts, models.PrepareOptions{Prompt: before})
		if err != nil {
			return err
		}
		batch, err := opened.Model.Run(ctx, tokens)
		if err != nil {
			return err
		}
		for i, v := range batch.Vectors {
			line, err := embeddingLine(index, tokens[i], v)
			if err != nil {
				return err
			}
			b.Write(line)
			index++
		}
		if m.output == "" {
			return flush(env.stdout, &b)
		}
		return nil
	})
	if err != nil {
		return modelError(err)
	}
	if m.output != "" {
		return env.writeOutput(m.output, []byte(b.String()))
	}
	return nil
}

func flush(w io.Writer, b *strings.Builder) error {
	_, err := io.WriteString(w, b.String())
	b.Reset()
	return err
}

// embeddingLine is a vector as one line of JSON. NaN and Inf have no JSON; they are a failure of the model.
func embeddingLine(index int, t models.Input, vector []float32) ([]byte, error) {
	line, err := json.Marshal(embedding{Index: index, Tokens: t.Cost, Truncated: t.Truncated, Embedding: vector})
	var unsupported *json.UnsupportedValueError
	if errors.As(err, &unsupported) {
		return nil, failure.Errorf(failure.StageInference, failure.KindNonFinite,
			"text %d: expected finite numbers, the vector holds %s", index, unsupported.Str)
	}
	if err != nil {
		return nil, fmt.Errorf("text %d: %w", index, err)
	}
	return append(line, '\n'), nil
}

// modelError gives a failure of the model the exit code of its stage.
func modelError(err error) error {
	var coded *exitcode.Error
	var e *failure.Error
	switch {
	case errors.As(err, &coded):
		return err
	case !errors.As(err, &e), e.Kind == failure.KindInternal:
		return err
	case e.Stage == failure.StageInference:
		return &exitcode.Error{Code: exitcode.Inference, Err: fmt.Errorf("%s: %w", e.Kind, err)}
	}
	return &exitcode.Error{Code: exitcode.Load, Err: fmt.Errorf("%s: %w", e.Kind, err)}
}
