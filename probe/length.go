package probe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/failure"
)

// DefaultLengthBudget is what the command line gives finding the longest text. Models that take many thousand tokens would
// need minutes on a CPU; then the finding is null and says so.
const DefaultLengthBudget = 6 * time.Second

// longText finds how many tokens of a long text reach the vector, and how much of that text was lost.
func (b *battery) longText(ctx context.Context) error {
	null := func(format string, args ...any) error {
		reason := fmt.Sprintf(format, args...)
		b.findings["max_sequence_length"] = detect.Finding{Reason: reason}
		b.findings["truncation"] = detect.Finding{Reason: reason}
		return nil
	}
	limit := b.e.Limit().Tokens
	switch {
	case b.ended:
		b.findings["truncation"] = detect.Finding{Reason: "no file sets a limit to cut texts at"}
		return nil
	case !b.e.Facts.Text:
		return null("the model takes no text")
	case !b.e.HasTokenizer():
		return null("the model has no tokenizer, so no text can be run")
	case limit == 0 && b.e.Limit().Reason != "":
		return null("%s", b.e.Limit().Reason)
	case limit == 0:
		return b.searchOpenEnd(ctx)
	}
	if need := b.estimate(limit); b.lengthBudget > 0 && need > b.lengthBudget {
		return null("running %d tokens would take about %.0f s here, more than the %s of --length-budget",
			limit, need.Seconds(), b.lengthBudget)
	}
	text, ok := detect.TextOver(limit+limit/8+8, func(text string) int {
		tokens, err := b.e.TokenizeWhole([]string{text})
		if err != nil {
			return -1
		}
		return len(tokens[0].IDs)
	})
	if !ok {
		return null("the tokenizer makes no text of more than the limit's %d tokens", limit)
	}
	tokens, err := b.e.TokenizeWhole([]string{text})
	if err != nil {
		return err
	}
	finding, whole, err := b.searchLength(ctx, tokens[0], limit)
	if err != nil {
		return err
	}
	b.findings["max_sequence_length"] = finding
	b.findings["truncation"] = b.truncation(text, whole, finding)
	return nil
}

// estimate is the time of the two runs that the search needs at best, scaled from one short text by the number of
// tokens, with attention's square beyond 512.
func (b *battery) estimate(limit int) time.Duration {
	if len(b.times) == 0 || len(b.alone) == 0 {
		return 0
	}
	perToken, tokens := 0.0, 0.0
	for i, one := range b.alone {
		perToken += b.times[len(b.alone)+i].Seconds() // the second round: nothing is compiled any more
		tokens += float64(max(one.Seq, 1))
	}
	perToken /= max(tokens, 1)
	growth := max(1, float64(limit)/512)
	return time.Duration(2 * perToken * float64(limit) * growth * float64(time.Second))
}

// searchLength runs the whole text and parts of it, each alone and through the encoder's own truncation.
func (b *battery) searchLength(ctx context.Context, whole models.Tokens, limit int) (detect.Finding, models.Tokens, error) {
	// Parts that the encoder cuts to the same tokens are the same run: it is not made twice.
	ran := map[int][]float32{}
	run := func(n int) ([]float32, error) {
		n = min(n, limit)
		if v, ok := ran[n]; ok {
			return v, nil
		}
		out, err := b.e.Encode(ctx, []models.Tokens{whole.Cut(n, b.e.TruncatesLeft())})
		if err != nil {
			return nil, err
		}
		ran[n] = out.Vectors[0]
		return out.Vectors[0], nil
	}
	full, err := run(len(whole.IDs))
	if err != nil {
		var e *failure.Error
		if !errors.As(err, &e) || e.Kind != failure.KindInference {
			return detect.Finding{}, whole, err
		}
		// The model ends before its limit: find where.
		f, err := b.searchEnd(ctx, whole, b.alone[0].Seq, limit, err)
		return f, whole, err
	}
	in := detect.LengthInput{Full: detect.LengthSample{Tokens: len(whole.IDs), Vector: full}, Noise: b.noise()}
	for {
		n, done := detect.NextLength(in, limit, whole.Head+whole.Tail+1)
		if done {
			break
		}
		v, err := run(n)
		if err != nil {
			return detect.Finding{}, whole, err
		}
		in.Parts = append(in.Parts, detect.LengthSample{Tokens: n, Vector: v})
	}
	return detect.Length(in), whole, nil
}

// searchEnd halves towards the longest sequence that runs at all, between one that runs and one that fails.
func (b *battery) searchEnd(
	ctx context.Context, whole models.Tokens, runs, fails int, cause error,
) (detect.Finding, error) {
	attempts := 0
	for runs+1 < fails {
		n := (runs + fails) / 2
		_, err := b.e.Encode(ctx, []models.Tokens{whole.Cut(n, b.e.TruncatesLeft())})
		attempts++
		switch {
		case err == nil:
			runs = n
		case ctx.Err() != nil:
			return detect.Finding{}, err
		default:
			fails = n
		}
	}
	b.e.LowerLimit(runs, fmt.Sprintf("the model fails on %d tokens", fails))
	return detect.EndOfInput(runs, fails, attempts, cause.Error()), nil
}

// noise is the relative error between two runs of the same tokens.
func (b *battery) noise() float64 {
	if e, ok := b.findings["determinism"].Evidence.(detect.CompareEvidence); ok {
		return e.MaxRelative
	}
	return 0
}

// truncation says what of the long text was lost, in tokens and characters.
func (b *battery) truncation(text string, whole models.Tokens, length detect.Finding) detect.Finding {
	offsets, err := b.e.Offsets(text)
	if err != nil {
		return detect.Finding{Reason: "the tokenizer gives no offsets: " + err.Error()}
	}
	return detect.Truncation(detect.TruncationInput{
		Length: length, Offsets: offsets, Special: whole.Head + whole.Tail, Characters: len([]rune(text)),
		FromLeft: b.e.TruncatesLeft(),
	})
}
