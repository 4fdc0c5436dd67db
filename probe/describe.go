package probe

import (
	"cmp"
	"path/filepath"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/graph"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/vocabulary"
)

// newReport is a report of nothing yet.
func newReport(o Options) *Report {
	return &Report{
		SchemaVersion: SchemaVersion,
		Name:          filepath.Base(filepath.Clean(o.Ref)),
		Type:          vocabulary.TypeONNX,
		Source:        vocabulary.SourceLocalPath,
		Assumed:       nothingAssumed(),
		Findings:      map[string]detect.Finding{},
		Drift:         []detect.Drift{},
		DeclaredIn:    map[string]string{},
		Warnings:      []string{},
		Model:         Model{Candidates: []string{}, Outputs: []Output{}},
		Environment:   describeMachine(o.Threads),
	}
}

// nothingAssumed has every key that something could be assumed for.
func nothingAssumed() map[string]*Assumed {
	none := map[string]*Assumed{}
	for _, p := range properties() {
		if p.column.set != nil {
			none[p.key] = nil
		}
	}
	return none
}

func describeSource(r *Report, s *source.Source) {
	if s.Kind == source.KindEndpoint {
		return // it has no files; its name is the REF's
	}
	r.Model.Format = string(s.Format)
	r.Model.Why = s.Choice
	r.Model.Candidates = append(r.Model.Candidates, s.Candidates...)
	if rel, err := filepath.Rel(s.Dir, s.WeightFile()); err == nil && s.WeightFile() != "" {
		r.Model.File = filepath.ToSlash(rel)
	}
	r.Name = printable.Line(filepath.Base(s.Dir))
	if s.Kind == source.KindONNXFile {
		r.Name = printable.Line(filepath.Base(s.ONNXPath))
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
	for _, p := range properties() {
		if p.declared == nil {
			continue
		}
		if value, where := p.declared(c); value != nil && p.column.set(&r.Declared, value) {
			r.DeclaredIn[p.key] = where
		}
	}
	r.Warnings = append(r.Warnings, c.Warnings...)
	if c.Config != nil {
		if v := c.Config.ModelType; v != nil {
			r.Model.ModelType = &v.Value
		}
	}
	if v := c.Readme.License; v != nil {
		r.Model.License = &v.Value
		r.DeclaredIn["license"] = v.Where()
	}
	if v := c.Readme.Languages; v != nil {
		r.Model.Languages = v.Value
		r.DeclaredIn["languages"] = v.Where()
	}
	r.Type = typeOf(c)
}

// typeOf is what would load the model: a loader of its own kind (models/graph's traits), or that of its files.
func typeOf(c *card.Card) string {
	if c.Config != nil && c.Config.ModelType != nil {
		if own := graph.TraitsOf(c.Config.ModelType.Value).Type; own != "" {
			return own
		}
	}
	switch {
	case len(c.Modules) > 0 && c.Modules[0].Kind == card.ModuleCLIP:
		return vocabulary.TypeCLIP
	case c.ModulesDeclared:
		return vocabulary.TypeSentenceTransformer
	case c.Config != nil:
		return vocabulary.TypeTransformers
	}
	return vocabulary.TypeONNX
}

func describeModel(r *Report, info models.Info) {
	if info.ModelType != "" {
		r.Model.ModelType = &info.ModelType
	}
	if info.Parameters > 0 {
		r.Model.Parameters, r.Model.WeightsBytes = &info.Parameters, &info.Bytes
	}
	r.Warnings = append(r.Warnings, info.Warnings...)
	if a := info.Assumed; a != nil {
		r.Assumed[vocabulary.KeyPooling] = &Assumed{Value: a.Pooling, Why: a.Why}
	}
	if info.Output != "" {
		r.Model.Output = &info.Output
	}
	r.Model.Outputs = outputsOf(info.Outputs)
	noType, noTable := "the graph has no weights of its own",
		"the graph looks no table up by its token ids in a way that can be followed"
	if len(info.Files) == 0 {
		noType, noTable = "the model does not show its weights", "the model does not show its weights"
	}
	fact(r, vocabulary.KeyDType, info.DType, info.DType != "", noType, "the type of most of the weights' bytes")
	fact(r, vocabulary.KeyVocabularySize, info.VocabularySize, info.VocabularySize > 0, noTable,
		"rows of the table that token ids index")
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
	device := cmp.Or(p.DeviceType, engine.CPU)
	r.Environment.DeviceType = &device
}
