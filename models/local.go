package models

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/graph"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/pooling"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/models/tokenizer"
	"github.com/divinedevops/probe/models/weights"
)

func isStatic(_ *source.Source, c *card.Card) bool {
	return len(c.Modules) > 0 && c.Modules[0].Kind == card.ModuleStaticEmbedding
}

func hasONNX(src *source.Source, _ *card.Card) bool { return src.ONNXPath != "" }

func hasWeights(src *source.Source, _ *card.Card) bool { return src.Weights != "" }

func openStaticEmbeddings(ctx context.Context, o Opening) (Model, error) {
	return openLocal(ctx, o, (*Encoder).openTable)
}

func openONNXFile(ctx context.Context, o Opening) (Model, error) {
	return openLocal(ctx, o, (*Encoder).openONNX)
}

// hasWords is sentence-transformers' average of word vectors: its tokenizer splits at white space and drops stop words.
func hasWords(src *source.Source, c *card.Card) bool {
	return src.ONNXPath == "" && len(c.Modules) > 0 && c.Modules[0].Kind == card.ModuleWordEmbeddings
}

func refuseWords(_ context.Context, o Opening) (Model, error) {
	return nil, failure.Errorf(failure.StageLoad, failure.KindUnsupportedModel,
		"%s begins with the module WordEmbeddings, an average of word vectors with a tokenizer of its own, which is not run "+
			"here; expected a Transformer, CLIPModel or StaticEmbedding module", o.Source.Ref)
}

func openWeights(ctx context.Context, o Opening) (Model, error) {
	return openLocal(ctx, o, (*Encoder).openGraph)
}

// openLocal makes an Encoder: the tokenizer, the modules' weights, and what runs, by the function given.
func openLocal(ctx context.Context, o Opening, open func(*Encoder, context.Context, Opening) error) (Model, error) {
	e := &Encoder{source: o.Source, card: o.Card, asked: o.Pooling}
	// The tokenizer's file is parsed while the session is made: they share nothing.
	tokenizing := make(chan error, 1)
	go func() { tokenizing <- e.openTokenizer(o.Tokenizer) }()
	err := open(e, ctx, o)
	if tokErr := <-tokenizing; err == nil {
		err = tokErr
	}
	if err == nil {
		err = e.openStages()
	}
	if err != nil {
		_ = e.Close() // the error that ended it is the one to tell
		return nil, err
	}
	e.setLimit()
	e.describe()
	return e, nil
}

// describe fills what Info takes from the card.
func (e *Encoder) describe() {
	e.fill = graph.TraitsOf(e.info.ModelType).FillsUp
	e.info.Unit = UnitTokens
	e.info.ComputeType = e.computeType()
	e.info.DefaultPrompt = e.card.DefaultPrompt()
	if p := e.card.Prompts; p != nil {
		e.info.Prompts = p.Value
	}
	for _, own := range []string{filepath.Base(e.source.Dir), e.source.Name} {
		e.info.Names = append(e.info.Names, Name{own, "the model's own name"})
	}
	if v := e.card.Readme.Name; v != nil {
		e.info.Names = append(e.info.Names, Name{v.Value, v.Where()})
	}
	if c := e.card.Config; c != nil && c.NameOrPath != nil {
		e.info.Names = append(e.info.Names, Name{c.NameOrPath.Value, c.NameOrPath.Where()})
	}
}

// computeType is the type that tolerances are for. Weights of half precision that a graph is built over are computed in
// float32, and integer weights dequantize to float32; an exported graph of half precision computes in it.
func (e *Encoder) computeType() tensor.DType {
	if e.source.Format == source.FormatONNX {
		switch e.info.DType {
		case tensor.Float16.String():
			return tensor.Float16
		case tensor.BFloat16.String():
			return tensor.BFloat16
		}
	}
	return tensor.Float32
}

func (e *Encoder) openTable(_ context.Context, o Opening) error {
	s, set, err := openStatic(o.Card.Modules[0], o.Source.Caches)
	if err != nil {
		return err
	}
	e.texts, e.hasStates = s, true
	e.info = Info{
		ModelType: "static", Parameters: set.Parameters(), Bytes: set.Bytes(), DType: set.DType().String(),
		VocabularySize: int(s.vocab), Text: true, Files: set.Files(),
	}
	if !s.table.DType.Float() {
		e.info.Parameters += s.table.Elements()
		e.info.DType = s.table.DType.String()
	}
	if s.mapping != nil {
		e.info.VocabularySize = len(s.mapping)
	}
	return nil
}

func (e *Encoder) openONNX(ctx context.Context, o Opening) error {
	path := o.Source.ONNXPath
	head, err := readGraph(path, o.Source.Caches)
	if err != nil {
		return err
	}
	e.info = Info{
		Parameters: head.Weights.Parameters, Bytes: head.Weights.Bytes, DType: head.Weights.DType,
		Files: []string{path}, QuantizesBatch: quantizesBatch(head),
	}
	for _, name := range head.ExternalFiles {
		e.info.Files = append(e.info.Files, filepath.Join(filepath.Dir(path), name))
	}
	if c := o.Card.Config; c != nil && c.ModelType != nil {
		e.info.ModelType = c.ModelType.Value
	}
	if err := e.manyVectors(); err != nil {
		return err
	}
	e.softmaxed = head.Softmaxed
	if err := e.openMain(ctx, o, towerGraph{Graph: graphOf(path, head, o.Source.Caches), head: head}); err != nil {
		return err
	}
	if !o.Card.ModulesDeclared {
		e.cautionClass(purposeOf(o.Card))
	}
	rows, width := head.TableIndexedBy(e.main.feeds.idsName())
	e.info.VocabularySize, e.tableWidth = int(rows), width
	if second := o.Source.VisionTower(); second != "" && e.info.Text && !e.info.Image {
		e.openSecond(func(ctx context.Context) (towerGraph, error) {
			head, err := readGraph(second, o.Source.Caches)
			if err != nil {
				return towerGraph{}, err
			}
			return towerGraph{Graph: graphOf(second, head, o.Source.Caches), head: head}, nil
		}, o)
	}
	return nil
}

// quantizesBatch reports whether a graph has an operator that takes scale and zero point from all values of a tensor, whose
// first axis is the batch. Static quantization has them in the file.
func quantizesBatch(head *onnx.Head) bool {
	for _, op := range []string{"DynamicQuantizeLinear", "com.microsoft:DynamicQuantizeMatMul", "com.microsoft:DynamicQuantizeLSTM"} {
		if head.Ops[op] > 0 {
			return true
		}
	}
	return false
}

// readGraph reads the head of an .onnx file and looks for its external data.
func readGraph(path string, caches []string) (*onnx.Head, error) {
	head, err := onnx.ReadHead(path)
	if err != nil {
		return nil, err
	}
	return head, onnx.CheckExternal(head, filepath.Dir(path), caches...)
}

// graphOf is an .onnx file as an engine opens it.
func graphOf(path string, head *onnx.Head, caches []string) engine.Graph {
	return engine.Graph{Path: path, Inputs: head.Inputs, Outputs: head.Outputs, Caches: caches}
}

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

// openMain opens the tower that the model is opened with: that of texts, of images, or of both.
func (e *Encoder) openMain(ctx context.Context, o Opening, g towerGraph) error {
	g.side, g.tasks = imageSide(o.Card.Config), tasksOf(o.Card.Config)
	t, err := openTower(ctx, o.Engine, g, o.Session, func(out *outputs) error {
		out.prune(o.Card, o.Pooling != "")
		return e.judgeOutputs(out)
	})
	if t != nil {
		e.main, e.texts = t, t // to be closed, even if it cannot be run
	}
	if err != nil {
		return e.explainRefusal(err)
	}
	e.info.Text, e.info.Image = t.takesText(), t.takesImages()
	if e.info.Image {
		e.images.opened = t
	}
	e.fixedBatch, e.info.FixedSequence = t.feeds.batch, t.feeds.seq
	out := t.outputs
	e.info.Warnings = append(e.info.Warnings, t.feeds.notes...)
	e.info.Outputs = g.Outputs
	e.hasStates = out.states != nil
	if out.firstState {
		e.info.Assumed = &Assumption{Pooling: string(pooling.CLS),
			Why: "the graph returns a state for each patch of an image, no file says how they are pooled, and the first is the usual one"}
	}
	// Where the vector comes from: if modules.json names a pooling, token states go through it, as in
	// sentence-transformers. A graph without token states, or a bare graph with a pooled output, pools by itself.
	// So does one with modules inside whose own files are not here or cannot be run.
	lacking := notRunnable(o.Card)
	e.info.InGraph = out.pooled != nil &&
		(out.states == nil || o.Pooling == "" && (o.Card.Pooling == nil || lacking != nil))
	if e.info.InGraph && lacking != nil {
		e.info.Warnings = append(e.info.Warnings, fmt.Sprintf("output %s of the graph is measured, because the modules after the "+
			"transformer cannot be run from their own files: %v", out.pooled.Name, lacking))
	}
	switch {
	case e.info.InGraph:
		e.info.Output = out.pooled.Name
	case out.states != nil:
		e.info.Output = out.states.Name
	case out.image != nil:
		e.info.Output = out.image.Name
	}
	return nil
}

// openSecond sets the image tower of a model that was opened with its text tower.
func (e *Encoder) openSecond(find func(context.Context) (towerGraph, error), o Opening) {
	e.info.Image = true
	session := o.Session
	session.Profile = false // the text tower's profile shows where nodes run
	e.images.open = func(ctx context.Context) (*tower, error) {
		g, err := find(ctx)
		if err != nil {
			return nil, err
		}
		g.side = imageSide(o.Card.Config)
		return openTower(ctx, o.Engine, g, session, func(out *outputs) error {
			if out.image == nil {
				return failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
					"expected an image tower that returns one vector an image, found the outputs %s", describe(g.Outputs))
			}
			out.pooled, out.states = nil, nil
			return nil
		})
	}
}

// openStages reads the modules after the graph.
func (e *Encoder) openStages() error {
	if e.info.InGraph && e.asked == "" {
		return nil // the graph's vector is the whole function
	}
	modules := e.card.Modules
	if e.asked != "" {
		var err error
		if modules, err = e.ask(e.asked); err != nil {
			return err
		}
	}
	p, err := buildStages(e.card, modules, e.source.Caches)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if m.Kind == card.ModulePooling && e.info.Assumed == nil {
			e.info.Assumed = assumed(m.Pooling)
		}
	}
	if len(p.stages) == 0 && e.hasStates && !e.static() {
		p.modes = []pooling.Mode{pooling.Mean}
		p.stages, p.pooled = []stage{poolStage(p.modes, true)}, 1
		e.info.Assumed = &Assumption{Pooling: string(pooling.Mean),
			Why: "no file says what to do with the token states, and the mean is the usual way"}
	}
	if e.info.Assumed != nil {
		e.info.Assumed.Normalized = p.normalizes
	}
	e.pipeline = p
	return nil
}

// openTokenizer reads the model's tokenizer. A model that has none is opened all the same.
func (e *Encoder) openTokenizer(path string) error {
	var err error
	switch {
	case path != "":
		e.tok, err = tokenizer.Load(path)
	case e.card.Tokenizer.Path != "":
		e.tok, err = loadTokenizer(e.card)
	case len(e.card.Tokenizer.Files) > 0:
		e.tok, err = tokenizer.LoadDir(tokenizerDir(e.source, e.card))
	}
	if err != nil {
		return failure.Errorf(failure.StageLoad, failure.KindTokenizer, "tokenizer: %w", err)
	}
	return nil
}

// loadTokenizer reads tokenizer.json as transformers does, whose tokenizer classes for BERT and its kin put the settings of
// tokenizer_config.json in place of those in tokenizer.json. Static embeddings are run without transformers.
func loadTokenizer(c *card.Card) (*tokenizer.Tokenizer, error) {
	t := c.Tokenizer
	if t.Class == nil || !tokenizer.ClassHasBertSettings(t.Class.Value) || isStatic(nil, c) {
		return tokenizer.Load(t.Path)
	}
	s := tokenizer.BertSettings{Lowercase: or(t.DoLowerCase, true), HandleChineseChars: or(t.TokenizeChineseChars, true)}
	if t.StripAccents != nil {
		s.StripAccents = &t.StripAccents.Value
	}
	return tokenizer.LoadBert(t.Path, s)
}

func or[T any](d *card.Declared[T], otherwise T) T {
	if d == nil {
		return otherwise
	}
	return d.Value
}

// tokenizerDir is the folder that the tokenizer's files lie in: that of the first of them, which the card lists relative
// to the model's folder.
func tokenizerDir(src *source.Source, c *card.Card) string {
	return filepath.Dir(filepath.Join(src.Dir, filepath.FromSlash(c.Tokenizer.Files[0])))
}
