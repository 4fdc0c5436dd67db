package probe

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/card"
)

// A property is added here in every way that one can be added: the line in the table is all that the report needs to know.
// That the formats show it is in toy_formats_test.go, because render imports this package.
const (
	toyKey   = "toy"
	toyLabel = "toys"
)

// toyEvidence is evidence of a kind that nobody else knows.
type toyEvidence struct {
	Texts int `json:"texts"`
}

func (e toyEvidence) Summary() string { return fmt.Sprintf("counted in %d texts", e.Texts) }

func init() {
	addedProperties = append(addedProperties, property{
		key: toyKey, label: toyLabel, needs: needsText, part: partRun,
		column:   otherColumn(toyKey, map[string]any{"type": []string{"integer", "null"}}),
		declared: func(*card.Card) (any, string) { return 4, "toys.json: count" },
		measure: func(*battery) detect.Finding {
			return detect.Finding{Value: 3, Confidence: 1, Evidence: toyEvidence{Texts: 24}}
		},
	})
}

func TestToyProperty(t *testing.T) {
	t.Parallel()
	r := Measure(t.Context(), Options{
		Ref: testenv.Zoo("bert-cls"), Backend: "go", Quick: true, Getenv: func(string) string { return "" }, TempDir: t.TempDir(),
	})
	if r.Error != nil {
		t.Fatalf("%s: %s", r.Error.Kind, r.Error.Message)
	}
	doc, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	type side struct {
		Toy       *int `json:"toy"`
		Dimension *int `json:"embedding_dimension"`
	}
	var got struct {
		Measured, Declared side
		Findings           map[string]struct{ Value any }
		DeclaredIn         map[string]string `json:"declared_in"`
		Drift              []struct {
			Key                string
			Measured, Declared any
		}
	}
	if err := json.Unmarshal(doc, &got); err != nil {
		t.Fatal(err)
	}
	if got.Measured.Toy == nil || *got.Measured.Toy != 3 || got.Declared.Toy == nil || *got.Declared.Toy != 4 ||
		got.Findings[toyKey].Value != 3.0 || got.DeclaredIn[toyKey] != "toys.json: count" {
		t.Errorf("the report lacks the toy: %+v", got)
	}
	if got.Measured.Dimension == nil || *got.Measured.Dimension != *r.Dimension {
		t.Errorf("the fields beside it: %+v", got.Measured)
	}
	if len(got.Drift) != 1 || got.Drift[0].Key != toyKey || got.Drift[0].Measured != 3.0 || got.Drift[0].Declared != 4.0 {
		t.Errorf("drift: %+v", got.Drift)
	}
	var back Properties
	if err := json.Unmarshal([]byte(`{"toy": 5, "dtype": "int8"}`), &back); err != nil || back.Other[toyKey] != 5.0 || *back.DType != "int8" {
		t.Errorf("read back: %+v, %v", back, err)
	}
}
