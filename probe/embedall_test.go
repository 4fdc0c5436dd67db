package probe_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// fussy is a model of one token a word, whose vectors are the numbers of tokens. It holds fewer tokens than it says, and
// fails on some words.
type fussy struct {
	holds   int // tokens
	limit   models.Limit
	bad     map[string]error
	shared  bool // its vectors depend on the batch
	batches [][2]int
}

func (f *fussy) Info() models.Info {
	return models.Info{Text: true, Unit: models.UnitTokens, QuantizesBatch: f.shared}
}

func (f *fussy) Prepare(texts []string, o models.PrepareOptions) ([]models.Input, error) {
	out := make([]models.Input, len(texts))
	for i, text := range texts {
		if strings.Contains(text, "unreadable") {
			return nil, failure.Errorf(failure.StageInference, failure.KindTokenizer, "text %d: unreadable", i)
		}
		ids := make([]int64, len(strings.Fields(o.Prompt+text)))
		out[i] = models.Input{Text: text, IDs: ids, Cost: len(ids), Full: len(ids)}
		if f.limit.Tokens > 0 && !o.Whole {
			out[i] = f.Cut(out[i], f.limit.Tokens)
		}
	}
	return out, nil
}

func (f *fussy) Run(_ context.Context, inputs []models.Input) (*models.Batch, error) {
	long := 0
	b := &models.Batch{}
	for _, in := range inputs {
		long = max(long, len(in.IDs))
		for word, err := range f.bad {
			if strings.Contains(in.Text, word) {
				return nil, err
			}
		}
		v := []float32{float32(len(in.IDs))}
		if strings.Contains(in.Text, "infinite") {
			v[0] = float32(math.Inf(1))
		}
		b.Vectors = append(b.Vectors, v)
	}
	if f.holds > 0 && long > f.holds {
		return nil, failure.Errorf(failure.StageInference, failure.KindInference, "%d tokens are too many", long)
	}
	f.batches = append(f.batches, [2]int{len(inputs), long})
	return b, nil
}

func (f *fussy) Close() error                     { return nil }
func (f *fussy) FromIDs(ids []int64) models.Input { return models.Input{IDs: ids, Cost: len(ids)} }
func (f *fussy) Limit() models.Limit              { return f.limit }
func (f *fussy) CutsLeft() bool                   { return false }
func (f *fussy) Offsets(string) ([][2]int, error) { return nil, errors.New("none here") }
func (f *fussy) LowerLimit(tokens int, reason string) {
	f.limit = models.Limit{Tokens: tokens, Reason: reason}
}

func (f *fussy) RandomInputs(_ uint64, lengths ...int) []models.Input {
	return make([]models.Input, len(lengths))
}

func (f *fussy) Cut(in models.Input, n int) models.Input {
	if len(in.IDs) > n {
		in.IDs, in.Cost, in.Truncated = in.IDs[:n], n, true
	}
	return in
}

func words(n int) string { return strings.TrimSpace(strings.Repeat("a ", n)) }

// embedFussy embeds texts and writes a line for each: its vector, "cut" if it was cut, or the kind of its error.
func embedFussy(t *testing.T, f *fussy, texts ...string) (lines []string, end error) {
	t.Helper()
	opened := &probe.Opened{Model: f}
	for e, err := range opened.EmbedAll(t.Context(), "", probe.All(texts...)) {
		var own *failure.Error
		switch {
		case err != nil:
			return lines, err
		case errors.As(e.Err, &own):
			lines = append(lines, string(own.Kind))
		case e.Truncated:
			lines = append(lines, fmt.Sprint(e.Vector[0], " cut"))
		default:
			lines = append(lines, fmt.Sprint(e.Vector[0]))
		}
	}
	return lines, nil
}

// TestOneTextFailsAlone: whatever is wrong with one text, the others get their vectors.
func TestOneTextFailsAlone(t *testing.T) {
	t.Parallel()
	engine := failure.Errorf(failure.StageInference, failure.KindInference, "an id beyond the table")
	shape := failure.Errorf(failure.StageInference, failure.KindUnsupportedOp, "shapes do not go together")
	for name, c := range map[string]struct {
		model fussy
		texts []string
		want  []string
	}{
		"too long":              {fussy{holds: 64}, []string{words(3), words(500), words(2), words(65), words(64)}, []string{"3", "64 cut", "2", "64 cut", "64"}},
		"beyond the limit":      {fussy{holds: 7, limit: models.Limit{Tokens: 256}}, []string{words(300), words(1)}, []string{"7 cut", "1"}},
		"an id":                 {fussy{bad: map[string]error{"new": engine}}, []string{"a", "a new one", "a b"}, []string{"1", "inference_failed", "2"}},
		"an id in a long":       {fussy{holds: 100, bad: map[string]error{"new": engine}}, []string{"a", "new " + words(90)}, []string{"1", "inference_failed"}},
		"a shape":               {fussy{bad: map[string]error{"new": shape}}, []string{"new", "a"}, []string{"unsupported_op", "1"}},
		"infinite":              {fussy{}, []string{"a", "infinite", "a b"}, []string{"1", "non_finite", "2"}},
		"no tokens can be made": {fussy{}, []string{"a", "unreadable", "a b"}, []string{"1", "tokenizer", "2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := embedFussy(t, &c.model, c.texts...)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("expected %q, found %q, %v", c.want, got, err)
			}
		})
	}
}

// TestModelFails: an error that every text has is the model's, and is told once.
func TestModelFails(t *testing.T) {
	t.Parallel()
	broken := failure.Errorf(failure.StageInference, failure.KindInference, "broken")
	got, err := embedFussy(t, &fussy{bad: map[string]error{"": broken}}, "a", "b")
	if !errors.Is(err, broken) || len(got) > 0 {
		t.Errorf("found %q, %v", got, err)
	}
}

// TestBatchesByLength: a long text costs what it costs, and not its length times its company; no batch is larger than what
// 32 texts of 128 tokens take, and the order of the texts stays.
func TestBatchesByLength(t *testing.T) {
	t.Parallel()
	var texts, want []string
	cost := 0
	for i := range 600 {
		n := 1 + i%9
		if i%25 == 3 {
			n = 400 + i
		}
		texts, want = append(texts, words(n)), append(want, fmt.Sprint(n))
		cost += n
	}
	f := &fussy{}
	got, err := embedFussy(t, f, texts...)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("the order changed, or %v", err)
	}
	padded := 0
	for _, b := range f.batches {
		padded += b[0] * b[1]
		if b[0] > probe.EmbedBatch || b[0] > 1 && b[0]*b[1] > probe.EmbedBatch*128 {
			t.Errorf("a batch of %d texts of %d tokens", b[0], b[1])
		}
	}
	if padded > cost*5/4 || len(f.batches) > 100 {
		t.Errorf("%d tokens padded to %d in %d batches", cost, padded, len(f.batches))
	}
}

// TestQuantizedBatches: a graph whose vectors depend on their company runs each text alone.
func TestQuantizedBatches(t *testing.T) {
	t.Parallel()
	f := &fussy{shared: true}
	if _, err := embedFussy(t, f, "a", "b c", "d"); err != nil || len(f.batches) != 3 {
		t.Errorf("%v: batches %v", err, f.batches)
	}
}

// TestQuantizedCompany: on real quantized graphs a text has the vector in company that it has alone. One of them quantizes by
// the whole batch, whose vectors move with their company, and is run one by one; the other sums in another order in pure Go.
func TestQuantizedCompany(t *testing.T) {
	t.Parallel()
	runs := []struct {
		o         probe.Options
		tolerance float64
	}{{probe.Options{Ref: testenv.MiniLMInt8(t), Tokenizer: filepath.Join(testenv.MiniLM(t), "tokenizer.json")}, 2e-5}}
	if fastest() == vocabulary.BackendONNXRuntime {
		runs[0].tolerance = 1e-6
		runs = append(runs, runs[0])
		runs[1].o = probe.Options{Ref: testenv.LangChain4j(t, "bge-small-en-v15-q")}
	}
	texts := []string{"A man is eating food.", "x", "The quick brown fox jumps over the lazy dog, and then it runs on for a while.", "short"}
	for _, run := range runs {
		run.o.Backend = fastest()
		if run.o.Backend == vocabulary.BackendONNXRuntime {
			run.o.Library = testenv.ONNXRuntime(t)
		}
		m, err := probe.Open(t.Context(), run.o)
		must(t, err)
		defer func() { must(t, m.Close()) }()
		together, err := m.Embed(t.Context(), texts...)
		must(t, err)
		for i, text := range texts {
			alone, err := m.Embed(t.Context(), text)
			must(t, err)
			if d := distance(together[i].Vector, alone[0].Vector); d > run.tolerance {
				t.Errorf("%s: text %d is %g from itself alone", run.o.Ref, i, d)
			}
		}
	}
}
