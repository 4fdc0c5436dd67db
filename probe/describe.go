package probe

import (
	"path/filepath"
	"strings"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/vocabulary"
)

// The values of Report.Type, which are vector-inspector's where it has one.
const (
	typeSentenceTransformer = "sentence-transformer"
	typeCLIP                = "clip"
	typeTransformers        = "transformers"
	typeONNX                = "onnx"
)

// newReport is a report of nothing yet.
func newReport(o Options) *Report {
	return &Report{
		SchemaVersion: SchemaVersion,
		Name:          filepath.Base(filepath.Clean(o.Ref)),
		Type:          typeONNX,
		Source:        "local_path",
		Findings:      map[string]detect.Finding{},
		Drift:         []detect.Drift{},
		DeclaredIn:    map[string]string{},
		Warnings:      []string{},
		Model:         Model{Candidates: []string{}},
		Environment:   describeMachine(o.Threads),
	}
}

func describeSource(r *Report, s *source.Source) {
	r.Model.Format = string(s.Format)
	r.Model.Why = s.Choice
	r.Model.Candidates = append(r.Model.Candidates, s.Candidates...)
	if rel, err := filepath.Rel(s.Dir, s.WeightFile()); err == nil && s.WeightFile() != "" {
		r.Model.File = filepath.ToSlash(rel)
	}
	r.Name = printable(filepath.Base(s.Dir))
	if s.Kind == source.KindONNXFile {
		r.Name = printable(filepath.Base(s.ONNXPath))
	}
	if s.Name != "" {
		r.Name, r.Source = s.Name, vocabulary.PublisherSource(s.Publisher)
	}
	if s.Revision != "" {
		r.Model.Revision = &s.Revision
	}
}

// describeDeclared fills the declared side: what the files say and nothing that anybody fills in for them.
func describeDeclared(r *Report, c *card.Card) {
	d := &r.Declared
	where := func(key, at string) { r.DeclaredIn[key] = at }
	if v := c.EmbeddingDimension; v != nil {
		d.EmbeddingDimension = &v.Value
		where("embedding_dimension", v.Where())
	}
	if v := c.Pooling; v != nil {
		names := make([]string, len(v.Value))
		for i, mode := range v.Value {
			names[i] = string(mode)
		}
		joined := strings.Join(names, "+")
		d.Pooling = &joined
		where("pooling", v.Where())
	}
	if v := c.Normalization; v != nil {
		d.Normalization = &v.Value
		where("normalization", v.Where())
	}
	if v := c.Similarity; v != nil {
		d.DistanceMetric = &v.Value
		where("distance_metric", v.Where())
	}
	if v := c.MaxSequenceLength; v != nil {
		d.MaxSequenceLength = &v.Value
		where("max_sequence_length", v.Where())
	}
	if v := c.Modalities; v != nil {
		d.Modalities = v.Value
		where("modalities", v.Where())
	}
	if v := c.Prompts; v != nil {
		d.Prompts = v.Value
		where("prompts", v.Where())
	}
	if v := c.DType; v != nil {
		d.DType = &v.Value
		where("dtype", v.Where())
	}
	if c.Config != nil {
		if v := c.Config.VocabSize; v != nil {
			d.VocabularySize = &v.Value
			where("vocabulary_size", v.Where())
		}
		if v := c.Config.ModelType; v != nil {
			r.Model.ModelType = &v.Value
		}
	}
	r.Type = typeOf(c)
}

func typeOf(c *card.Card) string {
	switch {
	case c.Config != nil && c.Config.ModelType != nil && c.Config.ModelType.Value == "clip",
		len(c.Modules) > 0 && c.Modules[0].Kind == card.ModuleCLIP:
		return typeCLIP
	case c.ModulesDeclared:
		return typeSentenceTransformer
	case c.Config != nil:
		return typeTransformers
	}
	return typeONNX
}

func describeModel(r *Report, e *models.Encoder) {
	f := e.Facts
	if f.ModelType != "" {
		r.Model.ModelType = &f.ModelType
	}
	if f.Parameters > 0 {
		r.Model.Parameters, r.Model.WeightsBytes = &f.Parameters, &f.Bytes
	}
	if f.Output != "" {
		r.Model.Output = &f.Output
	}
	fact(r, "dtype", f.DType, f.DType != "", "the graph has no weights of its own", "the type of most of the weights' bytes")
	fact(r, "vocabulary_size", f.VocabularySize, f.VocabularySize > 0,
		"the graph looks no table up by its token ids in a way that can be followed", "rows of the table that token ids index")
}

// fact adds a finding that is read off the weights and needs no statistics.
func fact(r *Report, key string, value any, known bool, reason, method string) {
	if !known {
		r.Findings[key] = detect.Finding{Reason: reason}
		return
	}
	r.Findings[key] = detect.Finding{Value: value, Confidence: 1, Evidence: detect.CountedEvidence{Method: method}}
}

// setProvider notes what really ran the nodes; the device is told from that alone.
func setProvider(r *Report, p engine.Provider) {
	r.Environment.ExecutionProvider, r.Environment.NodesByProvider = &p.Name, p.Nodes
	device := "cpu"
	if p.Name == "CUDAExecutionProvider" || p.Name == "TensorrtExecutionProvider" {
		device = "cuda"
	}
	r.Environment.DeviceType = &device
}
