package probe_test

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/render"
)

// TestToyInFormats finds the property of toy_test.go in every format, and the schema takes the report with it.
func TestToyInFormats(t *testing.T) {
	t.Parallel()
	r := probe.Measure(t.Context(), probe.Options{
		Ref: testenv.Zoo("bert-max"), Backend: "go", Quick: true, Getenv: func(string) string { return "" }, TempDir: t.TempDir(),
	})
	if r.Error != nil {
		t.Fatalf("%s: %s", r.Error.Kind, r.Error.Message)
	}
	for format, want := range map[string][]string{
		"text": {"\ntoys              3      counted in 24 texts", "    4\n",
			"drift             toy: measured 3, declared 4 (toys.json: count)"},
		"markdown": {"| toys | **3 counted in 24 texts** | 4 |", "- `toy`: measured 3, declared 4 (toys.json: count)"},
		"json":     {`"toy": 3`, `"toy": 4`, `"texts": 24`},
	} {
		doc, err := render.Report(r, format, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(string(doc), w) {
				t.Errorf("%s lacks %q:\n%s", format, w, doc)
			}
		}
		if format == "json" {
			validate(t, doc)
		}
	}
}

// validate holds a document against the schema.
func validate(t *testing.T, doc []byte) {
	t.Helper()
	parse := func(s []byte) any {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(s)))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", parse(probe.Schema())); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(parse(doc)); err != nil {
		t.Error(err)
	}
}
