package registry

import (
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/internal/testenv"
)

// measurement is a model_registration event of a client.
func measurement(client, model string, dimension int, normalization string, change ...string) record.Record {
	modalities := `["text"]`
	if strings.Contains(model, "clip") {
		modalities = `["text","image"]`
	}
	metadata := fmt.Sprintf(`{"model_name":%q,"model_source":"huggingface","embedding_dimension":%d,"modalities":%s,`+
		`"distance_metric":"cosine","normalization":%q,"load_success":true,"inference_success":true,"pooling":"mean",`+
		`"max_sequence_length":512}`, model, dimension, modalities, normalization)
	metadata = strings.NewReplacer(change...).Replace(metadata)
	return record.Record{HWID: client, EventName: "model_registration", AppVersion: "1", ClientType: "probe", Metadata: json.RawMessage(metadata)}
}

func sequence(records []record.Record) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func collected() []record.Record {
	const st = "sentence-transformers/"
	var records []record.Record
	for _, client := range []string{"a", "b", "c"} {
		records = append(records,
			measurement(client, st+"all-MiniLM-L6-v2", 384, "l2"),
			measurement(client, st+"gtr-t5-large", 768, "l2"),
			measurement(client, st+"paraphrase-mpnet-base-v2", 768, "none"),
			measurement(client, "acme/new-model", 1024, "l2"),
			measurement(client, "openai/clip-vit-base-patch32", 512, "none"),
		)
	}
	return append(records,
		measurement("d", st+"all-MiniLM-L6-v2", 999, "l2"),                               // a client that is mistaken
		measurement("d", "acme/new-model", 1, "l2"),                                      // and corrects itself:
		measurement("d", "acme/new-model", 1024, "l2"),                                   // the latest counts
		measurement("e", "BAAI/bge-small-en-v1.5", 512, "l2"),                            // one client is too few
		measurement("a", "acme/tied", 10, "l2"), measurement("b", "acme/tied", 20, "l2"), // no majority
		measurement("a", "acme/broken", 10, "l2", `"load_success":true`, `"load_success":false`),
		measurement("a", "local", 10, "l2"),
		measurement("a", "acme/<script>", 10, "l2"),
		measurement("a", "acme/wrong-type", 10, "l2", `:10,`, `:"ten",`),
		record.Record{HWID: "x", EventName: "app_launch", Metadata: json.RawMessage(`{"model_name":"acme/launch"}`)},
	)
}

func mustSurvey(t testing.TB, records []record.Record) Survey {
	t.Helper()
	survey, err := TakeSurvey(sequence(records))
	if err != nil {
		t.Fatal(err)
	}
	return survey
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	survey := mustSurvey(t, collected())
	var names []string
	for _, m := range survey.Models {
		names = append(names, fmt.Sprintf("%s %d", m.Name, m.Clients))
	}
	want := []string{
		"acme/new-model 4", "sentence-transformers/all-MiniLM-L6-v2 4", "openai/clip-vit-base-patch32 3",
		"sentence-transformers/gtr-t5-large 3", "sentence-transformers/paraphrase-mpnet-base-v2 3", "acme/tied 2",
		"BAAI/bge-small-en-v1.5 1",
	}
	if diff := cmp.Diff(want, names); diff != "" || survey.Clients != 5 || survey.Events != 21 {
		t.Errorf("%d clients, %d events; models (-want +got):\n%s", survey.Clients, survey.Events, diff)
	}
	if got := survey.Models[1].Dimension.String(); got != "384 (3), 999 (1)" {
		t.Errorf("votes: %s", got)
	}
}

// The registry that vector-inspector ships says 1536 of gtr-t5-large, and l2 of models that do not normalize.
func TestRegistryFindsKnownMistakes(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(testenv.Root(), "testdata", "telemetry", "known_embedding_models.json"))
	if err != nil {
		t.Fatal(err)
	}
	existing, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(existing.Models)
	registry, diff := Build(mustSurvey(t, collected()), existing, Rules{2, []string{AcceptAll}}, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	want := Diff{
		New: []string{"acme/new-model"},
		Wrong: []WrongEntry{
			{"openai/clip-vit-base-patch32", "normalization", "l2", "none", 3, 3, 0, true},
			{"gtr-t5-large", "dimension", "1536", "768", 3, 3, 0, true},
			{"sentence-transformers/paraphrase-mpnet-base-v2", "normalization", "l2", "none", 3, 3, 0, true},
		},
		Disagreeing: []Disagreement{
			{"sentence-transformers/all-MiniLM-L6-v2", "dimension", Tally{{"384", 3, 0}, {"999", 1, 0}}},
			{"acme/tied", "dimension", Tally{{"10", 1, 0}, {"20", 1, 0}}},
		},
		TooFew:    []string{"acme/tied", "BAAI/bge-small-en-v1.5"},
		Confirmed: []string{"all-MiniLM-L6-v2"},
		Unseen:    []string{"all-mpnet-base-v2", "text-embedding-3-small"},
	}
	if d := cmp.Diff(want, diff); d != "" {
		t.Errorf("diff (-want +got):\n%s", d)
	}
	if !slices.Equal(before, existing.Models) {
		t.Error("the existing registry was changed")
	}
	corrected := registry.Models[slices.IndexFunc(registry.Models, func(m Entry) bool { return m.Name == "gtr-t5-large" })]
	if corrected.Dimension != 768 || corrected.Description == "" {
		t.Errorf("corrected entry %+v", corrected)
	}
	last := registry.Models[len(registry.Models)-1]
	if last != (Entry{"acme/new-model", "sentence-transformer", 1024, "text", "l2", "huggingface", "Measured by 4 clients"}) {
		t.Errorf("new entry %+v", last)
	}
	if registry.Metadata.LastUpdated != "2026-11-23" || len(registry.Models) != len(before)+1 {
		t.Errorf("metadata %+v, %d models", registry.Metadata, len(registry.Models))
	}
	var text strings.Builder
	if err := diff.Print(&text); err != nil || !strings.Contains(text.String(), "wrong        gtr-t5-large: dimension is 1536, measured 768 (3 of 3 clients), corrected\n") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func TestRegistryFromNothing(t *testing.T) {
	t.Parallel()
	records := collected()
	records = append(records, measurement("a", "text-embedding-3-small", 1536, "l2", `"huggingface"`, `"openai"`))
	registry, diff := Build(mustSurvey(t, records), Registry{}, Rules{MinClients: 1}, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	if len(diff.Wrong) != 0 || len(registry.Models) != 7 {
		t.Fatalf("%d models, %+v", len(registry.Models), diff)
	}
	kinds := map[string]string{}
	for _, m := range registry.Models {
		kinds[m.Name] = m.Type + " " + m.Source
	}
	if kinds["text-embedding-3-small"] != "openai openai-api" || kinds["openai/clip-vit-base-patch32"] != "clip huggingface" {
		t.Errorf("types and sources: %v", kinds)
	}
	if _, err := Read([]byte("[]")); err == nil {
		t.Error("a list was taken for a registry")
	}
}

// Nothing measured is an empty list, not null.
func TestRegistryOfNothing(t *testing.T) {
	t.Parallel()
	registry, _ := Build(Survey{}, Registry{}, Rules{MinClients: 1}, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
	if out, err := json.Marshal(registry); err != nil || !strings.Contains(string(out), `"models":[]`) {
		t.Errorf("%s, %v", out, err)
	}
}

func TestTallyIsShownShort(t *testing.T) {
	t.Parallel()
	tally := Tally{{"a", 5, 0}, {"b", 4, 0}, {"c", 3, 0}, {"d", 2, 0}, {"e", 1, 0}}
	for n, want := range map[int]string{0: "", 1: "a (5)", 3: "a (5), b (4), c (3)", 4: "a (5), b (4), c (3), 1 other", 5: "a (5), b (4), c (3), 2 others"} {
		if got := tally[:n].String(); got != want {
			t.Errorf("%d values: %q, want %q", n, got, want)
		}
	}
}

// Made-up clients outvote honest ones, but change nothing that was curated unless somebody says so.
func TestCuratedEntriesAreKept(t *testing.T) {
	t.Parallel()
	curated := Registry{Models: []Entry{{Name: "acme/model", Dimension: 384, Modality: "text", Normalization: "l2"}, {Name: "acme/other", Dimension: 1}}}
	var records []record.Record
	for _, client := range []string{"forged-1", "forged-2", "forged-3", "honest-1", "honest-2"} {
		dimension, network := 384, client
		if strings.HasPrefix(client, "forged") {
			dimension, network = 999, "attacker"
		}
		r := measurement(client, "acme/model", dimension, "l2")
		r.Network = network
		records = append(records, r)
	}
	for _, test := range []struct {
		accept    []string
		dimension int
		says      string
	}{
		{nil, 384, "measured 999 (3 of 5 clients of 1 network), kept\n"},
		{[]string{"acme/other"}, 384, "kept\n"},
		{[]string{"acme/model"}, 999, "corrected\n"},
		{[]string{AcceptAll}, 999, "corrected\n"},
	} {
		registry, diff := Build(mustSurvey(t, records), curated, Rules{2, test.accept}, time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC))
		var text strings.Builder
		if err := diff.Print(&text); err != nil || registry.Models[0].Dimension != test.dimension || !strings.Contains(text.String(), test.says) {
			t.Errorf("accepted %q: dimension %d, %v\n%s", test.accept, registry.Models[0].Dimension, err, text.String())
		}
	}
}
