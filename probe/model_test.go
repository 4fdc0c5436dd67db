package probe_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
)

func openZoo(t *testing.T, name string) *probe.Opened {
	t.Helper()
	m, err := probe.Open(t.Context(), probe.Options{Ref: testenv.Zoo(name), Safetensors: true, Backend: "go"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// TestEmbedBatches: many texts come out in order, whatever the batch, and a long one says that it was cut.
func TestEmbedBatches(t *testing.T) {
	t.Parallel()
	m := openZoo(t, "bert-mean-l2")
	var texts []string
	for i := range 2*probe.EmbedBatch + 3 {
		texts = append(texts, fmt.Sprint("text number ", i))
	}
	texts[40] = fmt.Sprint(texts) // longer than the model reads
	all, err := m.Embed(t.Context(), texts...)
	if err != nil || len(all) != len(texts) {
		t.Fatalf("%d embeddings, %v", len(all), err)
	}
	for _, i := range []int{0, 31, 32, 40, len(texts) - 1} {
		alone, err := m.Embed(t.Context(), texts[i])
		if err != nil {
			t.Fatal(err)
		}
		if all[i].Tokens != alone[0].Tokens || all[i].Truncated != (i == 40) {
			t.Errorf("text %d: %d tokens, truncated %t", i, all[i].Tokens, all[i].Truncated)
		}
		for k, x := range alone[0].Vector {
			if math.Abs(float64(x-all[i].Vector[k])) > 1e-5 {
				t.Fatalf("text %d differs from itself alone at %d: %g, %g", i, k, x, all[i].Vector[k])
			}
		}
	}
}

// TestEmbedAllEnds: it ends with an error of the texts, and when the caller has enough.
func TestEmbedAllEnds(t *testing.T) {
	t.Parallel()
	m := openZoo(t, "bert-mean-l2")
	own := errors.New("no more texts")
	n := 0
	for _, err := range m.EmbedAll(t.Context(), "", func(yield func(string, error) bool) {
		for range probe.EmbedBatch + 1 {
			if !yield("a", nil) {
				return
			}
		}
		yield("", own)
	}) {
		if err != nil {
			if !errors.Is(err, own) {
				t.Error(err)
			}
			break
		}
		n++
	}
	if n != probe.EmbedBatch+1 {
		t.Errorf("%d vectors before the error", n)
	}
	taken := 0
	for range m.EmbedAll(t.Context(), "", probe.All("a", "b", "c")) {
		taken++
		break
	}
	if taken != 1 {
		t.Errorf("%d vectors", taken)
	}
}

func TestPrompts(t *testing.T) {
	t.Parallel()
	m := openZoo(t, "bert-prompt")
	query, err := m.Prompt("query")
	if err != nil || query == "" || query != m.Prompts()["query"] {
		t.Errorf("%q, %v", query, err)
	}
	if _, err := m.Prompt("nope"); err == nil {
		t.Error("a prompt that is not there was found")
	}
}

// TestReportErr: the error of a report is a *failure.Error with everything that the report says.
func TestReportErr(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := probe.Measure(ctx, probe.Options{Ref: testenv.Zoo("bert-mean-l2"), Backend: "go"})
	var f *failure.Error
	if !errors.As(r.Err(), &f) || f.Kind != failure.KindTimeout || f.Stage != r.Error.Stage || f.Message != r.Error.Message ||
		!reflect.DeepEqual(f.Remedies, r.Error.Remedies) {
		t.Errorf("%+v of %+v", r.Err(), r.Error)
	}
	good := probe.Measure(t.Context(), probe.Options{Ref: testenv.Zoo("bert-mean-l2"), Backend: "go", Quick: true})
	if err := good.Err(); err != nil {
		t.Errorf("a probe that ended well has the error %v", err)
	}
}
