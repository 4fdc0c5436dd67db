package registry

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/vocabulary"
)

// Survey is what the collected events say of each model. Each client has one vote a model: its latest event.
type Survey struct {
	Models  []Model // by clients, the most first; then by name
	Events  int     // events that count: successful model registrations of models with a public name
	Clients int     // that sent them
	Skipped int     // places of the store that could not be read
}

// Model is what clients measured of one model.
type Model struct {
	Name          string
	Clients       int
	Networks      int // that the clients' latest events came from; 0 if that was not recorded
	Source        Tally
	Type          Tally // of vector-inspector's registry: sentence-transformer, clip, openai, ...
	Dimension     Tally
	Modality      Tally // text, image, multimodal
	Normalization Tally // l2, none
	Distance      Tally
	Pooling       Tally
	MaxLength     Tally // tokens
}

// Tally counts the values of one field, the most frequent first.
type Tally []Votes

// Votes is how many clients gave a value, and from how many networks: anybody can make up any number of clients, but not
// of networks.
type Votes struct {
	Value    string `json:"value"`
	Clients  int    `json:"clients"`
	Networks int    `json:"networks,omitempty"` // 0 if they were not recorded
}

// Value returns what most clients gave, "" if none gave any or if two values are tied.
func (t Tally) Value() string {
	if len(t) == 0 || len(t) > 1 && t[0].Clients == t[1].Clients {
		return ""
	}
	return t[0].Value
}

// Agreed reports whether all clients that gave a value gave the same one.
func (t Tally) Agreed() bool { return len(t) <= 1 }

// maxShownValues bounds what is shown of a tally: anybody may send any number of values.
const maxShownValues = 3

// String names the most frequent values, and says how many others there are.
func (t Tally) String() string {
	var parts []string
	for _, v := range t[:min(len(t), maxShownValues)] {
		parts = append(parts, v.Value+" ("+strconv.Itoa(v.Clients)+")")
	}
	switch others := len(t) - len(parts); others {
	case 0:
	case 1:
		parts = append(parts, "1 other")
	default:
		parts = append(parts, strconv.Itoa(others)+" others")
	}
	return strings.Join(parts, ", ")
}

// vote is one client's word on one model.
type vote struct {
	Name              string      `json:"model_name"`
	Source            string      `json:"model_source"`
	Dimension         json.Number `json:"embedding_dimension"`
	Modalities        []string    `json:"modalities"`
	Distance          string      `json:"distance_metric"`
	Normalization     string      `json:"normalization"`
	LoadSuccess       bool        `json:"load_success"`
	InferenceSuccess  bool        `json:"inference_success"`
	Pooling           string      `json:"pooling"`
	MaxSequenceLength json.Number `json:"max_sequence_length"`
	Architecture      string      `json:"architecture"`
}

// maxModelName bounds what is accepted as a name; the hub's longest are twice 96.
const maxModelName = 200

// voteOf reads a record; events of other kinds, of failed or local models, or with wrong types do not count.
func voteOf(r record.Record) (vote, bool) {
	var v vote
	if r.EventName != record.ModelRegistration || json.Unmarshal(r.Metadata, &v) != nil {
		return vote{}, false
	}
	return v, v.LoadSuccess && v.InferenceSuccess && isPublicName(v.Name)
}

func isPublicName(name string) bool {
	if name == "" || name == "local" || len(name) > maxModelName {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._-/@:", rune(c)) {
			return false
		}
	}
	return true
}

// positive is a whole number above zero in its shortest form, or "".
func positive(n json.Number) string {
	value, err := strconv.ParseInt(string(n), 10, 64)
	if err != nil || value <= 0 {
		return ""
	}
	return strconv.FormatInt(value, 10)
}

func (v vote) modality() string {
	text, image := slices.Contains(v.Modalities, vocabulary.ModalityText), slices.Contains(v.Modalities, vocabulary.ModalityImage)
	switch {
	case text && image:
		return multimodal
	case image:
		return vocabulary.ModalityImage
	case text:
		return vocabulary.ModalityText
	}
	return ""
}

// Words of vector-inspector's registry.
const (
	sentenceTransformer = "sentence-transformer"
	multimodal          = "multimodal"
)

// fromHub reports whether a model_source means Hugging Face's hub; an event without one is older than the others.
func fromHub(source string) bool {
	switch source {
	case "", vocabulary.SourceSentenceTransformers, vocabulary.SourceNomic, vocabulary.SourceHuggingFace:
		return true
	}
	return false
}

// modelType is the registry's word for how vector-inspector loads a model.
func (v vote) modelType() string {
	if !fromHub(v.Source) {
		return v.Source
	}
	if m := v.modality(); m == multimodal || m == vocabulary.ModalityImage {
		return "clip"
	}
	return sentenceTransformer
}
