package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/probe/isolate"
	"github.com/divinedevops/probe/vocabulary"
)

// embedding is one line of probe embed. A text that has no vector has an error in its place.
type embedding struct {
	Index     int       `json:"index"`
	Tokens    int       `json:"tokens"`
	Truncated bool      `json:"truncated"`
	Embedding []float32 `json:"embedding"`
	Error     *problem  `json:"error,omitempty"`
}

// problem is why a text has no vector.
type problem struct {
	Kind    failure.Kind `json:"kind"`
	Message string       `json:"message"`
}

// embedRequest is what the task "embed" is asked for.
type embedRequest struct {
	Options    probe.Options `json:"options"`
	Prompt     *string       `json:"prompt"`      // in place of the model's own; nil takes that
	PromptName string        `json:"prompt_name"` // one of the model's
	MaxTokens  int           `json:"max_tokens"`  // cuts texts to fewer than the model reads; 0 does not
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
	if err := q.lowerLimit(model); err != nil {
		return err
	}
	noteAssumed(s, model.Model.Info())
	s.Step("run")
	var lines bytes.Buffer
	index, failed := 0, 0
	var first error
	for e, err := range model.EmbedAll(ctx, prompt, q.Texts.read(s.Input())) {
		if err != nil {
			_, _ = s.Write(lines.Bytes()) // what came before it; the error is the one to tell
			return err
		}
		line := embedding{Index: index, Tokens: e.Tokens, Truncated: e.Truncated, Embedding: e.Vector}
		if e.Err != nil {
			line.Error = problemOf(e.Err)
			if failed++; first == nil {
				first = fmt.Errorf("text %d: %w", index, e.Err)
			}
		}
		doc, err := json.Marshal(line)
		if err != nil {
			return fmt.Errorf("text %d: %w", index, err)
		}
		lines.Write(append(printable.ASCII(doc), '\n'))
		if index++; index%probe.EmbedBatch == 0 {
			if _, err := lines.WriteTo(s); err != nil {
				return err
			}
		}
	}
	if _, err := lines.WriteTo(s); err != nil {
		return err
	}
	s.Step(stepDone)
	if failed > 0 {
		return textsFailed(failed, index, first)
	}
	return nil
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

// stepDone says that all lines are out, also where some texts have no vector.
const stepDone = "done"

// textsFailed is the error of a run that came to its end although some texts have no vector.
func textsFailed(failed, all int, first error) error {
	kind := failure.KindInference
	var f *failure.Error
	if errors.As(first, &f) {
		kind = f.Kind
	}
	return failure.Errorf(failure.StageInference, kind, "%d of %s got no vector, the others did; first %w",
		failed, grammar.Plural(all, "text"), first)
}

// problemOf is an error of one text as its line has it.
func problemOf(err error) *problem {
	var f *failure.Error
	if errors.As(err, &f) {
		return &problem{f.Kind, f.Message}
	}
	return &problem{failure.KindInference, err.Error()}
}

// lowerLimit cuts texts where --max-tokens says.
func (q embedRequest) lowerLimit(m *probe.Opened) error {
	if q.MaxTokens == 0 {
		return nil
	}
	ids, ok := models.As[models.TokenIDs](m.Model)
	if !ok {
		return isolate.Misusef("--max-tokens: the model does not show its tokens, so it cannot be cut")
	}
	ids.LowerLimit(q.MaxTokens, "asked for")
	return nil
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
		Long: "Vectors for texts, one JSON object a line in the order of the texts: index, tokens, truncated, embedding. A text that\n" +
			"the model cannot take has \"embedding\": null and an \"error\"; the others have their vectors, and the exit code is 4\n" +
			"once all lines are out. A text that is longer than what the model holds is cut.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := m.check(); err != nil {
				return err
			}
			if cmd.Flags().Changed("prompt") {
				q.Prompt = &prompt
			}
			if q.MaxTokens < 0 {
				return exitcode.Errorf(exitcode.Usage, "--max-tokens: expected a positive number, found %d", q.MaxTokens)
			}
			if q.Prompt != nil && q.PromptName != "" {
				return exitcode.Errorf(exitcode.Usage, "expected --prompt or --prompt-name, found both")
			}
			out, err := env.openOutput(m.output)
			if err != nil {
				return err
			}
			defer out.discard()
			complete := false
			f := isolate.Follow{Result: isolate.Lines(out), Step: func(step string) { complete = step == stepDone }}
			q.Options = m.options(env)
			if log := q.Options.Log; log != nil {
				f.Log = func(line string) { log("%s", line) }
			}
			if !m.quiet {
				f.Note = func(line string) { fmt.Fprintf(env.stderr, "probe: note: %s\n", printable.Line(line)) }
			}
			f.Input, q.Texts = in.source(env, args)
			if err := runTask(cmd.Context(), env, &m.hold, embedTask, q, f); err != nil {
				if complete { // every text has its line
					if err := out.keep(); err != nil {
						return err
					}
				}
				return modelError(err)
			}
			return out.keep()
		},
	}
	m.register(cmd.Flags())
	in.register(cmd.Flags())
	cmd.Flags().StringVar(&prompt, "prompt", "", "a `TEXT` to stand before each text, in place of the model's default prompt")
	cmd.Flags().StringVar(&q.PromptName, "prompt-name", "", "the `NAME` of one of the model's prompts")
	cmd.Flags().IntVar(&q.MaxTokens, "max-tokens", 0, "cut texts to `N` tokens, special ones included, if the model reads more (0: do not)")
	return cmd
}
