package collect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Registry is vector-inspector's known_embedding_models.json.
type Registry struct {
	Models   []RegistryModel  `json:"models"`
	Metadata RegistryMetadata `json:"metadata"`
}

// RegistryModel is one entry; the keys are ModelInfo's of vector-inspector.
type RegistryModel struct {
	Name          string `json:"name"`
	Type          string `json:"type"`
	Dimension     int    `json:"dimension"`
	Modality      string `json:"modality"`
	Normalization string `json:"normalization"`
	Source        string `json:"source"`
	Description   string `json:"description"`
}

// RegistryMetadata describes the file.
type RegistryMetadata struct {
	Version     string `json:"version"`
	LastUpdated string `json:"last_updated"` // 2026-11-23
	Description string `json:"description"`
}

// ReadRegistry parses a registry.
func ReadRegistry(data []byte) (Registry, error) {
	var r Registry
	if err := json.Unmarshal(data, &r); err != nil {
		return Registry{}, fmt.Errorf("registry: expected vector-inspector's known_embedding_models.json: %w", err)
	}
	return r, nil
}

// RegistryDiff is what the collected events say against an existing registry.
type RegistryDiff struct {
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

// BuildRegistry turns a survey into a registry, beginning with an existing one (which may be empty): entries whose
// fields at least minClients measured otherwise are corrected, models that are not in it are added, everything else
// stays. Where the most frequent value is no majority of one field's votes, the field is left as it is, and a new model
// is not added.
func BuildRegistry(survey Survey, existing Registry, minClients int, now time.Time) (Registry, RegistryDiff) {
	b := registryBuilder{out: existing, minClients: max(minClients, 1), seen: map[int]bool{}}
	b.out.Models = slices.Clone(existing.Models)
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

type registryBuilder struct {
	out        Registry
	known      int // entries of the existing registry
	diff       RegistryDiff
	minClients int
	seen       map[int]bool
}

// registryFields are those that are measured.
var registryFields = []struct {
	name  string
	votes func(Model) Tally
	get   func(RegistryModel) string
	set   func(*RegistryModel, string)
}{
	{"dimension", func(m Model) Tally { return m.Dimension }, func(e RegistryModel) string { return strconv.Itoa(e.Dimension) },
		func(e *RegistryModel, s string) { e.Dimension, _ = strconv.Atoi(s) }},
	{"modality", func(m Model) Tally { return m.Modality }, func(e RegistryModel) string { return e.Modality },
		func(e *RegistryModel, s string) { e.Modality = s }},
	{"normalization", func(m Model) Tally { return m.Normalization }, func(e RegistryModel) string { return e.Normalization },
		func(e *RegistryModel, s string) { e.Normalization = s }},
}

func (b *registryBuilder) add(m Model) {
	for _, field := range registryFields {
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
	for _, field := range registryFields {
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

func (b *registryBuilder) addNew(m Model) {
	kind, source := registrySource(m)
	entry := RegistryModel{Name: m.Name, Type: kind, Source: source}
	for _, field := range registryFields {
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

// find gives the place of the model's entry, or -1. The registry leaves `sentence-transformers/` away at times.
func (b *registryBuilder) find(name string) int {
	bare, isST := strings.CutPrefix(name, "sentence-transformers/")
	return slices.IndexFunc(b.out.Models[:b.known], func(e RegistryModel) bool {
		return strings.EqualFold(e.Name, name) || isST && strings.EqualFold(e.Name, bare)
	})
}

// registrySource gives the registry's type and source of a model.
func registrySource(m Model) (kind, source string) {
	kind, _ = m.Type.majority()
	switch from, _ := m.Source.majority(); from {
	case "", "sentence-transformers", "nomic", "huggingface":
		return cmp.Or(kind, "sentence-transformer"), "huggingface"
	case "google":
		return "vertex-ai", "google-cloud"
	default:
		return from, from + "-api"
	}
}

// majority is the value that more than half of the clients gave, and how many; "" where there is none.
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
