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
	Votes    int    `json:"votes"`   // clients that measured this value
	Clients  int    `json:"clients"` // that measured the field
}

// Disagreement is a field of which clients measured different values.
type Disagreement struct {
	Name  string `json:"name"`
	Field string `json:"field"`
	Votes Tally  `json:"votes"`
}

// Build turns a survey into a registry, beginning with an existing one (which may be empty): entries whose
// fields at least minClients measured otherwise are corrected, models that are not in it are added, everything else
// stays. Where the most frequent value is no majority of one field's votes, the field is left as it is, and a new model
// is not added.
func Build(survey Survey, existing Registry, minClients int, now time.Time) (Registry, Diff) {
	b := builder{out: existing, minClients: max(minClients, 1), seen: map[int]bool{}}
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
	out        Registry
	known      int // entries of the existing registry
	diff       Diff
	minClients int
	seen       map[int]bool
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
	if m.Clients < b.minClients {
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
		value, clients := votes.majority()
		if value == "" || clients < b.minClients || value == field.get(*entry) {
			continue
		}
		b.diff.Wrong = append(b.diff.Wrong, WrongEntry{entry.Name, field.name, field.get(*entry), value, clients, votes.total()})
		field.set(entry, value)
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
		value, clients := field.votes(m).majority()
		if value == "" || clients < b.minClients {
			b.diff.TooFew = append(b.diff.TooFew, m.Name)
			return
		}
		field.set(&entry, value)
	}
	entry.Description = fmt.Sprintf("Measured by %d clients", m.Clients)
	if m.Clients == 1 {
		entry.Description = "Measured by 1 client"
	}
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
	kind, _ = m.Type.majority()
	from, _ := m.Source.majority()
	switch {
	case fromHub(from):
		return cmp.Or(kind, sentenceTransformer), vocabulary.SourceHuggingFace
	case from == "google":
		return "vertex-ai", "google-cloud"
	}
	return from, from + "-api"
}

// majority returns the value that more than half of the clients gave, and how many they are; "" if there is none.
func (t Tally) majority() (value string, clients int) {
	if len(t) == 0 || 2*t[0].Clients <= t.total() {
		return "", 0
	}
	return t[0].Value, t[0].Clients
}

func (t Tally) total() int {
	sum := 0
	for _, v := range t {
		sum += v.Clients
	}
	return sum
}
