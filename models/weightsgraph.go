package models

import (
	"context"
	"fmt"
	"strings"

	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/models/graph"
	"github.com/divinedevops/probe/models/weights"
)

// openGraph builds a graph over the weights.
func (e *Encoder) openGraph(ctx context.Context, o Opening) error {
	set, err := weights.Open(o.Source.Weights, o.Source.Caches...)
	if err != nil {
		return err
	}
	config, err := configOf(o.Source, set)
	if err != nil {
		return err
	}
	if err := e.manyVectors(); err != nil {
		return err
	}
	if err := e.judgeWeights(set); err != nil {
		return err
	}
	built, err := graph.Build(config, set)
	if err != nil {
		return err
	}
	cautions := e.info.Warnings
	e.info = Info{
		Warnings: cautions, ModelType: built.ModelType, Parameters: built.Parameters, Bytes: set.Bytes(), DType: built.DType.String(),
		VocabularySize: int(built.VocabSize), Files: set.Files(),
	}
	if len(built.Ignored) > 0 {
		e.info.Warnings = append(e.info.Warnings, fmt.Sprintf("config.json has options that transformers' code for model_type "+
			"%q does not read; they are ignored: %s", built.ModelType, someOf(built.Ignored)))
	}
	if len(built.LeftOver) > 0 {
		e.info.Warnings = append(e.info.Warnings, fmt.Sprintf("the weights have %s that the architecture of config.json has no "+
			"place for; like transformers, probe leaves them out: %s", grammar.Plural(len(built.LeftOver), "tensor"), someOf(built.LeftOver)))
	}
	if built.MaxTokensHard && built.MaxTokens > 0 {
		e.limit = Limit{int(built.MaxTokens), "the table of positions has no more rows"}
	}
	if err := e.openMain(ctx, o, towerGraph{Graph: built.Graph}); err != nil {
		return err
	}
	if graph.TraitsOf(built.ModelType).TwoTowers {
		e.openSecond(func(context.Context) (towerGraph, error) {
			image, err := graph.BuildImage(config, set)
			if err != nil {
				return towerGraph{}, err
			}
			return towerGraph{Graph: image.Graph}, nil
		}, o)
	}
	return nil
}

// someOf names the first few of a list that a file may make as long as it likes.
func someOf(names []string) string {
	const most, longest = 8, 40
	quoted := make([]string, min(len(names), most))
	for i := range quoted {
		quoted[i] = fmt.Sprintf("%.*q", longest, names[i])
	}
	if rest := len(names) - most; rest > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(quoted, ", "), rest)
	}
	return strings.Join(quoted, ", ")
}
