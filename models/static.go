package models

import (
	"context"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/weights"
	"github.com/divinedevops/probe/models/weights/stored"
)

// staticRunner is a model without a graph, of static embeddings: one vector a token, whose mean is the text's vector
// (sentence-transformers' StaticEmbedding, model2vec). Rows are read as they are asked for.
type staticRunner struct {
	rows    *weights.Rows
	dim     int
	vocab   int64
	table   stored.Tensor // what the file says of it
	mapping []int64       // model2vec: row of each token id; nil is the id itself
	weights []float32     // model2vec: factor of each token id; nil is 1
	// skips is true if the unknown token is left out, as the library model2vec does; sentence-transformers counts it.
	skips bool
	// characters is what characters() found, 0 before.
	characters int
}

// openStatic opens the table. The tensor is embedding.weight (sentence-transformers) or embeddings (model2vec, with an
// optional mapping from token ids to rows and weights a token).
func openStatic(m card.Module, caches []string) (*staticRunner, *weights.Set, error) {
	path, err := m.Weights()
	if err != nil {
		return nil, nil, err
	}
	set, err := weights.Open(path, caches...)
	if err != nil {
		return nil, nil, err
	}
	s := &staticRunner{skips: isModel2vec(m)}
	table, ok := set.Lookup("embedding.weight")
	if !ok {
		if table, ok = set.Lookup("embeddings"); !ok {
			return nil, nil, failure.Errorf(failure.StageLoad, failure.KindMissingTensor,
				"%s: expected a tensor embedding.weight or embeddings, found %v", path, set.Names())
		}
		if err := s.readModel2vec(set); err != nil {
			return nil, nil, err
		}
	}
	if len(table.Shape) != 2 || table.Shape[1] < 1 || table.Shape[1] > 1<<20 {
		return nil, nil, failure.Errorf(failure.StageLoad, failure.KindInvalidConfig,
			"%s: expected a table of vocabulary x dimension, found the shape %v", path, table.Shape)
	}
	if !table.DType.Float() && table.Name != "embeddings" {
		// model2vec keeps tables of int8 and averages the numbers as they are; torch averages no whole numbers.
		return nil, nil, failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
			"%s: tensor %q is %s; expected a floating-point type", path, table.Name, table.Type)
	}
	s.table = table
	s.dim, s.vocab = int(table.Shape[1]), table.Shape[0]
	s.rows, err = set.Rows(table.Name)
	return s, set, err
}

func (s *staticRunner) readModel2vec(set *weights.Set) error {
	var err error
	if _, ok := set.Lookup("mapping"); ok {
		if s.mapping, err = set.Int64s("mapping"); err != nil {
			return err
		}
	}
	if _, ok := set.Lookup("weights"); ok {
		s.weights, _, err = set.Float32s("weights")
	}
	return err
}

func (s *staticRunner) run(_ context.Context, e *Encoder, texts []Input, _ int) (*features, error) {
	n, seq := len(texts), longest(texts)
	f := &features{
		batch: n, dim: s.dim, vectors: make([]float32, n*s.dim),
		states: make([]float32, n*seq*s.dim), mask: make([]int64, n*seq), seq: seq, stateDim: s.dim,
	}
	sum := make([]float64, s.dim)
	skip := int64(-1)
	if s.skips && e.tok != nil {
		skip = e.tok.UnknownID()
	}
	for i, t := range texts {
		clear(sum)
		count := 0
		for j, id := range t.IDs {
			if id == skip {
				continue
			}
			count++
			at := i*seq + j
			row := f.states[at*s.dim : (at+1)*s.dim]
			if err := s.read(row, id); err != nil {
				return nil, err
			}
			f.mask[at] = 1
			for k, v := range row {
				sum[k] += float64(v)
			}
		}
		// torch.nn.EmbeddingBag, mode mean: an empty bag is zeros.
		if n := float64(count); n > 0 {
			for k, v := range sum {
				f.vectors[i*s.dim+k] = float32(v / n)
			}
		}
	}
	return f, nil
}

// read looks up the vector of one token.
func (s *staticRunner) read(row []float32, id int64) error {
	at := id
	if s.mapping != nil {
		if id < 0 || id >= int64(len(s.mapping)) {
			return s.outside(id, int64(len(s.mapping)))
		}
		at = s.mapping[id]
	}
	if at < 0 || at >= s.vocab {
		return s.outside(id, s.vocab)
	}
	if err := s.rows.Row(row, at); err != nil {
		return err
	}
	if s.weights == nil {
		return nil
	}
	if id < 0 || id >= int64(len(s.weights)) {
		return s.outside(id, int64(len(s.weights)))
	}
	for k := range row {
		row[k] *= s.weights[id]
	}
	return nil
}

func (s *staticRunner) outside(id, rows int64) error {
	return failure.Errorf(failure.StageInference, failure.KindInvalidConfig,
		"StaticEmbedding: expected token ids below the table's %d rows, found %d", rows, id)
}

func (s *staticRunner) close() error { return s.rows.Close() }
