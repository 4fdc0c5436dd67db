package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/probe/isolate"
	"github.com/divinedevops/probe/vocabulary"
)

// embedding is one line of probe embed.
type embedding struct {
	Index     int       `json:"index"`
	Tokens    int       `json:"tokens"`
	Truncated bool      `json:"truncated"`
	Embedding []float32 `json:"embedding"`
}

// embedRequest is what the task "embed" is asked for.
type embedRequest struct {
	Options    probe.Options `json:"options"`
	Prompt     *string       `json:"prompt"`      // in place of the model's own; nil takes that
	PromptName string        `json:"prompt_name"` // one of the model's
	Texts      textFormat    `json:"texts"`
}

// embedTask sends the lines of a batch as one result.
var embedTask = isolate.Register("embed", func(ctx context.Context, q embedRequest, s *isolate.Stream) error {
	model, err := probe.Open(ctx, s.Options(q.Options))
	if err != nil {
		return err
	}
	defer func() { _ = model.Close() }() // the vectors are out; the process ends
	prompt, err := q.prompt(model)
	if err != nil {
		return err
	}
	noteAssumed(s, model.Model.Info())
	s.Step("run")
	var lines bytes.Buffer
	index := 0
	for e, err := range model.EmbedAll(ctx, prompt, q.Texts.read(s.Input())) {
		if err != nil {
			_, _ = s.Write(lines.Bytes()) // what came before it; the error is the one to tell
			return err
		}
		doc, err := json.Marshal(embedding{Index: index, Tokens: e.Tokens, Truncated: e.Truncated, Embedding: e.Vector})
		if err != nil {
			return fmt.Errorf("text %d: %w", index, err)
		}
		lines.Write(append(doc, '\n'))
		if index++; index%probe.EmbedBatch == 0 {
			if _, err := lines.WriteTo(s); err != nil {
				return err
			}
		}
	}
	_, err = lines.WriteTo(s)
	return err
})

// noteAssumed says what the vectors rest on that nobody declared.
func noteAssumed(s *isolate.Stream, info models.Info) {
	if a := info.Assumed; a != nil && !a.Asked {
		s.Notef("%s: the vectors are pooled by %s; %s", a.Why, a.Pooling, reasonHints[vocabulary.ReasonAssumed])
	}
	for _, w := range info.Warnings {
		s.Notef("%s", w)
	}
}

// prompt is what stands before each text: the flag, the named prompt, or the model's own default, as sentence-transformers'
// encode chooses.
func (q embedRequest) prompt(m *probe.Opened) (string, error) {
	if q.Prompt != nil {
		return *q.Prompt, nil
	}
	if q.PromptName == "" {
		return m.DefaultPrompt(), nil
	}
	p, err := m.Prompt(q.PromptName)
	if err != nil {
		return "", isolate.Misusef("--prompt-name: %v; it has %s", err, cmp.Or(strings.Join(sortedKeys(m.Prompts()), ", "), "none"))
	}
	return p, nil
}

func embedCommand(env *environment) *cobra.Command {
	var m measuring
	var in textInput
	var q embedRequest
	var prompt string
	cmd := &cobra.Command{
		Use:   "embed --model REF [TEXT...]",
		Short: "Vectors for texts (arguments, or stdin: one a line), one JSON object a line",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := m.check(); err != nil {
				return err
			}
			if cmd.Flags().Changed("prompt") {
				q.Prompt = &prompt
			}
			if q.Prompt != nil && q.PromptName != "" {
				return exitcode.Errorf(exitcode.Usage, "expected --prompt or --prompt-name, found both")
			}
			out, err := env.openOutput(m.output)
			if err != nil {
				return err
			}
			defer out.discard()
			f := isolate.Follow{Result: isolate.Lines(out)}
			q.Options = m.options(env)
			if log := q.Options.Log; log != nil {
				f.Log = func(line string) { log("%s", line) }
			}
			if !m.quiet {
				f.Note = func(line string) { fmt.Fprintf(env.stderr, "probe: note: %s\n", printable.Line(line)) }
			}
			f.Input, q.Texts = in.source(env, args)
			if err := runTask(cmd.Context(), env, &m.hold, embedTask, q, f); err != nil {
				return modelError(err)
			}
			return out.keep()
		},
	}
	m.register(cmd.Flags())
	in.register(cmd.Flags())
	cmd.Flags().StringVar(&prompt, "prompt", "", "a `TEXT` to stand before each text, in place of the model's default prompt")
	cmd.Flags().StringVar(&q.PromptName, "prompt-name", "", "the `NAME` of one of the model's prompts")
	return cmd
}
