package models_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/source"
)

// expectation is expected.json of a case.
type expectation struct {
	Texts      []string     `json:"texts"`
	IDs        [][]int64    `json:"ids"`
	Embeddings [][]float64  `json:"embeddings"`
	Error      failure.Kind `json:"error"`
	// ScaleFree compares directions; Optional are the numbers of texts that may go without a vector, and are left out here.
	ScaleFree bool  `json:"scale_free"`
	Optional  []int `json:"optional"`
}

// TestCases: folders as tools leave them give what their own libraries make of them, on every engine.
func TestCases(t *testing.T) {
	t.Parallel()
	root := filepath.Join(testenv.Root(), "testdata", "cases")
	cases, err := filepath.Glob(filepath.Join(root, "*", "expected.json"))
	if err != nil || len(cases) == 0 {
		t.Fatalf("found no cases in %s: %v", root, err)
	}
	for _, file := range cases {
		dir := filepath.Dir(file)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want expectation
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		for name, eng := range engines(t) {
			t.Run(filepath.Base(dir)+"/"+name, func(t *testing.T) {
				t.Parallel()
				checkCase(t, filepath.Join(dir, "model"), eng, want)
			})
		}
	}
}

func checkCase(t *testing.T, dir string, eng engine.Engine, want expectation) {
	t.Helper()
	opened, err := models.Open(context.Background(), dir, models.Options{
		Source:  source.Options{Env: func(string) string { return "" }},
		Session: engine.Options{Threads: 1}, Engine: func(bool) (engine.Engine, error) { return eng, nil },
	})
	if want.Error != "" {
		var e *failure.Error
		if !errors.As(err, &e) || e.Kind != want.Error {
			t.Fatalf("error %v, expected one of kind %s", err, want.Error)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Model.Close(); err != nil {
			t.Error(err)
		}
	})
	if len(want.Texts) == 0 {
		return
	}
	in, err := opened.Model.Prepare(want.Texts, models.PrepareOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, ids := range want.IDs {
		if !slices.Equal(in[i].IDs, ids) {
			t.Errorf("text %d: ids %v, expected %v", i, in[i].IDs, ids)
		}
	}
	if len(want.Embeddings) == 0 {
		return
	}
	var texts []string
	var expected [][]float64
	for i, text := range want.Texts {
		if !slices.Contains(want.Optional, i) {
			texts, expected = append(texts, text), append(expected, want.Embeddings[i])
		}
	}
	for i, got := range vectors(t, opened.Model, texts) {
		if want.ScaleFree {
			got = scaled(got, expected[i])
		}
		if d := distance(got, expected[i]); !(d <= 2e-3) {
			t.Errorf("text %d: %v is %g away from %v", i, got, d, expected[i])
		}
	}
}

// scaled is a vector with the length of another.
func scaled(v []float32, like []float64) []float32 {
	var own, other float64
	for _, x := range v {
		own += float64(x) * float64(x)
	}
	for _, x := range like {
		other += x * x
	}
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(float64(x) * math.Sqrt(other/own))
	}
	return out
}

// distance is the length of a difference, relative to that of what was expected; infinite for vectors of other dimensions.
func distance(got []float32, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	var difference, length float64
	for i, w := range want {
		difference += (float64(got[i]) - w) * (float64(got[i]) - w)
		length += w * w
	}
	if length == 0 { // a text of unknown words
		return math.Sqrt(difference)
	}
	return math.Sqrt(difference / length)
}
