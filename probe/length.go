package probe

import (
	"context"
	"fmt"
	"time"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/vocabulary"
)

// DefaultLengthBudget is the default of Options.LengthBudget. Models that take many thousand tokens would need minutes on
// a CPU; then the finding is null and says so.
const DefaultLengthBudget = 12 * time.Second

// longText is what came of one long text: how many of its tokens reach the vector, and what of it was lost.
type longText struct{ length, truncation detect.Finding }

// measureLongestText is the longest text in tokens. It is known early if even short texts ran past it.
func measureLongestText(b *battery) detect.Finding {
	switch {
	case b.long != nil:
		return b.long.length
	case b.short != nil && b.short.end != nil:
		return *b.short.end
	}
	return detect.Finding{}
}

// measureTruncation is what of a long text was lost.
func measureTruncation(b *battery) detect.Finding {
	if b.long == nil {
		return detect.Finding{}
	}
	return b.long.truncation
}

// runLongText finds how many tokens of a long text reach the vector, and how much of that text was lost.
func (b *battery) runLongText(ctx context.Context) error {
	if b.tokens == nil || b.short == nil {
		return nil
	}
	l, err := b.gatherLongText(ctx)
	if err == nil {
		b.long = l
	}
	return err
}

func (b *battery) gatherLongText(ctx context.Context) (*longText, error) {
	null := func(code, format string, args ...any) (*longText, error) {
		f := detect.Finding{Reason: fmt.Sprintf(format, args...), ReasonCode: code}
		return &longText{f, f}, nil
	}
	limit := b.limit()
	switch {
	case b.short.end != nil && b.short.declared > 0:
		return b.lostPastEnd(*b.short.end)
	case b.short.end != nil:
		return &longText{*b.short.end, detect.Finding{Reason: "no file sets a limit to cut texts at"}}, nil
	case limit == 0 && b.tokens.Limit().Reason != "":
		return null("", "%s", b.tokens.Limit().Reason)
	case limit == 0:
		l := &longText{}
		return l, b.runOpenEnd(ctx, l)
	}
	if need := b.estimate(limit); b.lengthBudget > 0 && need > b.lengthBudget {
		return null(vocabulary.ReasonLengthBudget, "running %d tokens would take about %.0f s here, more than the budget of %s",
			limit, need.Seconds(), b.lengthBudget)
	}
	text, whole, err := b.textPast(limit)
	if err != nil {
		return nil, err
	}
	if text == "" {
		return null("", "the tokenizer makes no text of more than the limit's %d tokens", limit)
	}
	l := &longText{}
	if l.length, err = b.searchLength(ctx, whole, limit); err != nil {
		return nil, err
	}
	l.truncation = b.lost(text, whole, l.length)
	return l, nil
}

// lostPastEnd is what a long text loses where the model ended before the limit that its files declare.
func (b *battery) lostPastEnd(end detect.Finding) (*longText, error) {
	text, whole, err := b.textPast(b.short.declared)
	if err != nil {
		return nil, err
	}
	l := &longText{length: end, truncation: detect.Finding{Reason: "the tokenizer makes no text of more than the limit"}}
	if text != "" {
		l.truncation = b.lost(text, whole, end)
	}
	return l, nil
}

// textPast is a text of clearly more tokens than the limit, and its input uncut; "" if the tokenizer makes none.
func (b *battery) textPast(limit int) (string, models.Input, error) {
	text, ok := detect.TextOver(limit+limit/8+8, func(text string) int {
		whole, err := b.model.Prepare([]string{text}, models.PrepareOptions{Whole: true})
		if err != nil {
			return -1
		}
		return len(whole[0].IDs)
	})
	if !ok {
		return "", models.Input{}, nil
	}
	whole, err := b.model.Prepare([]string{text}, models.PrepareOptions{Whole: true})
	if err != nil {
		return "", models.Input{}, err
	}
	return text, whole[0], nil
}

// estimate is the CPU time of the two runs that the search needs at best, scaled from one short text by the number of
// tokens, with attention's square beyond 512.
func (b *battery) estimate(limit int) time.Duration {
	s := b.short
	if len(s.alone) == 0 || len(s.works) != len(s.alone) {
		return 0
	}
	perToken, tokens := 0.0, 0.0
	for i, one := range s.alone {
		perToken += s.works[i].Seconds()
		tokens += float64(max(one.Seq, 1))
	}
	perToken /= max(tokens, 1)
	growth := max(1, float64(limit)/512)
	return time.Duration(2 * perToken * float64(limit) * growth * float64(time.Second))
}

// searchLength runs the whole text and parts of it, each alone and cut to the limit.
func (b *battery) searchLength(ctx context.Context, whole models.Input, limit int) (detect.Finding, error) {
	// Parts that are cut to the same tokens are the same run: it is not made twice.
	ran := map[int][]float32{}
	run := func(n int) ([]float32, error) {
		n = min(n, limit)
		if v, ok := ran[n]; ok {
			return v, nil
		}
		out, err := b.model.Run(ctx, []models.Input{b.tokens.Cut(whole, n)})
		if err != nil {
			return nil, err
		}
		ran[n] = out.Vectors[0]
		return out.Vectors[0], nil
	}
	full, err := run(len(whole.IDs))
	if err != nil {
		if ctx.Err() != nil || !ofInput(err) {
			return detect.Finding{}, err
		}
		// Whether the model ends before its limit shows with tokens that it is known to take.
		n := min(len(whole.IDs), limit)
		many := stretched(b.short.sample, n)
		if _, failed := b.model.Run(ctx, []models.Input{many}); failed == nil {
			return detect.Finding{Reason: fmt.Sprintf("the model fails on the long text, though it takes %d tokens: %v", n, err)}, nil
		}
		return b.searchEnd(ctx, many, len(b.short.sample.IDs), n, err)
	}
	in := detect.LengthInput{Full: detect.LengthSample{Tokens: len(whole.IDs), Vector: full}, Noise: b.noise()}
	for {
		n, done := detect.NextLength(in, limit, whole.Head+whole.Tail+1)
		if done {
			break
		}
		v, err := run(n)
		if err != nil {
			return detect.Finding{}, err
		}
		in.Parts = append(in.Parts, detect.LengthSample{Tokens: n, Vector: v})
	}
	return detect.Length(in), nil
}

// noise is the relative error between two runs of the same tokens.
func (b *battery) noise() float64 {
	if e, ok := b.findings[vocabulary.KeyDeterminism].Evidence.(detect.CompareEvidence); ok {
		return e.MaxRelative
	}
	return 0
}

// lost is what of the long text was lost, in tokens and characters.
func (b *battery) lost(text string, whole models.Input, length detect.Finding) detect.Finding {
	offsets, err := b.tokens.Offsets(text)
	if err != nil {
		return detect.Finding{Reason: err.Error()}
	}
	return detect.Truncation(detect.TruncationInput{
		Length: length, Offsets: offsets, Special: whole.Head + whole.Tail, Characters: len([]rune(text)),
		FromLeft: b.tokens.CutsLeft(),
	})
}

// longInput is a text of at least n tokens, or of as many as there are, uncut.
func (b *battery) longInput(n int) (models.Input, error) {
	var whole []models.Input
	var failed error
	text, _ := detect.TextOver(n, func(text string) int {
		if whole, failed = b.model.Prepare([]string{text}, models.PrepareOptions{Whole: true}); failed != nil {
			return -1
		}
		return len(whole[0].IDs)
	})
	if failed != nil || text == "" {
		return models.Input{}, failed
	}
	return whole[0], nil
}
