// Package registry turns collected events into vector-inspector's registry of known models.
package registry

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/divinedevops/probe/vocabulary"
)

// Registry is vector-inspector's known_embedding_models.json.
type Registry struct {
	Models   []Entry  `json:"models"`
	Metadata Metadata `json:"metadata"`
}

// Entry is one entry; the keys are ModelInfo's of vector-inspector.
type Entry struct {
	Name          string `json:"name"`
	Type          string `json:"type"`
	Dimension     int    `json:"dimension"`
	Modality      string `json:"modality"`
	Normalization string `json:"normalization"`
	Source        string `json:"source"`
	Description   string `json:"description"`
}

// Metadata describes the file.
type Metadata struct {
	Version     string `json:"version"`
	LastUpdated string `json:"last_updated"` // 2026-11-23
	Description string `json:"description"`
}

// Read parses a registry.
func Read(data []byte) (Registry, error) {
	var r Registry
	if err := json.Unmarshal(data, &r); err != nil {
		return Registry{}, fmt.Errorf("registry: expected vector-inspector's known_embedding_models.json: %w", err)
	}
	return r, nil
}

// Diff is what the collected events say against an existing registry.
type Diff struct {
	New         []string       `json:"new"`         // measured, not in the registry
	Wrong       []WrongEntry   `json:"wrong"`       // the registry says something else than the clients measured
	Disagreeing []Disagreement `json:"disagreeing"` // clients measured different values
	TooFew      []string       `json:"too_few"`     // measured by fewer clients than asked for
	Confirmed   []string       `json:"confirmed"`   // in the registry, and as measured
	Unseen      []string       `json:"unseen"`      // in the registry, measured by nobody
}

// WrongEntry is a field of the registry that clients measured otherwise.
type WrongEntry struct {
	Name     string `json:"name"`
	Field    string `json:"field"`
	Registry string `json:"registry"`
	Measured string `json:"measured"`
	Votes    int    `json:"votes"`              // clients that measured this value
	Clients  int    `json:"clients"`            // that measured the field
	Networks int    `json:"networks,omitempty"` // of the clients that measured this value; 0 if not recorded
	Accepted bool   `json:"accepted"`           // whether the entry was corrected
}

// Disagreement is a field of which clients measured different values.
type Disagreement struct {
	Name  string `json:"name"`
	Field string `json:"field"`
	Votes Tally  `json:"votes"`
}

// Rules say what votes may change.
type Rules struct {
	MinClients int      // that must have measured a value; at least 1
	Accept     []string // names of existing entries that may be corrected, or AcceptAll
}

// AcceptAll is the name that stands for every entry.
const AcceptAll = "all"

func (r Rules) accepts(name string) bool {
	return slices.Contains(r.Accept, name) || slices.Contains(r.Accept, AcceptAll)
}

// Build turns a survey into a registry, beginning with an existing one (which may be empty). Somebody has curated what is
// in it, and anybody can make up clients: entries that clients measured otherwise are told, and corrected only where that
// was accepted. Models that are not in it are added, everything else stays. Where the most frequent value is no majority of one field's votes, the field is left as it is, and a new model
// is not added.
func Build(survey Survey, existing Registry, rules Rules, now time.Time) (Registry, Diff) {
	rules.MinClients = max(rules.MinClients, 1)
	b := builder{out: existing, rules: rules, seen: map[int]bool{}}
	b.out.Models = append([]Entry{}, existing.Models...) // a list even where it is empty
	b.known = len(b.out.Models)
	for _, m := range survey.Models {
		b.add(m)
	}
	for i, entry := range b.out.Models[:b.known] {
		if !b.seen[i] {
			b.diff.Unseen = append(b.diff.Unseen, entry.Name)
		}
	}
	b.out.Metadata.Version = cmp.Or(b.out.Metadata.Version, "1.0.0")
	b.out.Metadata.Description = cmp.Or(b.out.Metadata.Description, "Known embedding models registry for Vector Inspector")
	b.out.Metadata.LastUpdated = now.UTC().Format(time.DateOnly)
	return b.out, b.diff
}

type builder struct {
	out   Registry
	known int // entries of the existing registry
	diff  Diff
	rules Rules
	seen  map[int]bool
}

// Fields of an entry that are measured.
const (
	fieldDimension     = "dimension"
	fieldModality      = "modality"
	fieldNormalization = vocabulary.KeyNormalization
)

// fields says how each is counted, read and set.
var fields = []struct {
	name  string
	votes func(Model) Tally
	get   func(Entry) string
	set   func(*Entry, string)
}{
	{fieldDimension, func(m Model) Tally { return m.Dimension }, func(e Entry) string { return strconv.Itoa(e.Dimension) },
		func(e *Entry, s string) { e.Dimension, _ = strconv.Atoi(s) }},
	{fieldModality, func(m Model) Tally { return m.Modality }, func(e Entry) string { return e.Modality },
		func(e *Entry, s string) { e.Modality = s }},
	{fieldNormalization, func(m Model) Tally { return m.Normalization }, func(e Entry) string { return e.Normalization },
		func(e *Entry, s string) { e.Normalization = s }},
}

func (b *builder) add(m Model) {
	for _, field := range fields {
		if votes := field.votes(m); !votes.Agreed() {
			b.diff.Disagreeing = append(b.diff.Disagreeing, Disagreement{m.Name, field.name, votes})
		}
	}
	at := b.find(m.Name)
	if at >= 0 {
		b.seen[at] = true
	}
	if m.Clients < b.rules.MinClients {
		b.diff.TooFew = append(b.diff.TooFew, m.Name)
		return
	}
	if at < 0 {
		b.addNew(m)
		return
	}
	entry, wrong := &b.out.Models[at], false
	for _, field := range fields {
		votes := field.votes(m)
		most := votes.majority()
		if most.Value == "" || most.Clients < b.rules.MinClients || most.Value == field.get(*entry) {
			continue
		}
		accepted := b.rules.accepts(entry.Name)
		b.diff.Wrong = append(b.diff.Wrong, WrongEntry{
			entry.Name, field.name, field.get(*entry), most.Value, most.Clients, votes.total(), most.Networks, accepted,
		})
		if accepted {
			field.set(entry, most.Value)
		}
		wrong = true
	}
	if !wrong {
		b.diff.Confirmed = append(b.diff.Confirmed, entry.Name)
	}
}

func (b *builder) addNew(m Model) {
	kind, source := registrySource(m)
	entry := Entry{Name: m.Name, Type: kind, Source: source}
	for _, field := range fields {
		most := field.votes(m).majority()
		if most.Value == "" || most.Clients < b.rules.MinClients {
			b.diff.TooFew = append(b.diff.TooFew, m.Name)
			return
		}
		field.set(&entry, most.Value)
	}
	entry.Description = "Measured by " + plural(m.Clients, "client") + ofNetworks(m.Networks)
	b.out.Models = append(b.out.Models, entry)
	b.diff.New = append(b.diff.New, m.Name)
}

// find returns the index of the model's entry, or -1. The registry sometimes leaves out `sentence-transformers/`.
func (b *builder) find(name string) int {
	bare, isST := strings.CutPrefix(name, "sentence-transformers/")
	return slices.IndexFunc(b.out.Models[:b.known], func(e Entry) bool {
		return strings.EqualFold(e.Name, name) || isST && strings.EqualFold(e.Name, bare)
	})
}

// registrySource returns the registry's type and source of a model.
func registrySource(m Model) (kind, source string) {
	kind = m.Type.majority().Value
	from := m.Source.majority().Value
	switch {
	case fromHub(from):
		return cmp.Or(kind, sentenceTransformer), vocabulary.SourceHuggingFace
	case from == "google":
		return "vertex-ai", "google-cloud"
	}
	return from, from + "-api"
}

// majority returns the value that more than half of the clients gave; none if there is no such value.
func (t Tally) majority() Votes {
	if len(t) == 0 || 2*t[0].Clients <= t.total() {
		return Votes{}
	}
	return t[0]
}

func (t Tally) total() int {
	sum := 0
	for _, v := range t {
		sum += v.Clients
	}
	return sum
}
