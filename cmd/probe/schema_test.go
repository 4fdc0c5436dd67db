package main

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/divinedevops/probe/probe"
)

var reportSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(probe.Schema())))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("report.json")
})

// checkReport validates a report against the schema - every report that the tests see goes through here - and checks what
// a schema cannot say: one document, in ASCII.
func checkReport(t *testing.T, stdout string) parsedReport {
	t.Helper()
	for i := range len(stdout) {
		if stdout[i] >= 0x7f {
			t.Fatalf("byte %d of the report is not ASCII", i)
		}
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(stdout))
	if err != nil {
		t.Fatalf("stdout is not one JSON document: %v\n%s", err, stdout)
	}
	schema, err := reportSchema()
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Fatalf("the report breaks its schema: %v", err)
	}
	var r parsedReport
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// schemaKinds are the error kinds that the schema allows.
func schemaKinds(t *testing.T) []string {
	t.Helper()
	var s struct {
		Properties struct {
			Error struct {
				OneOf []struct {
					Properties struct {
						Kind struct {
							Enum []string `json:"enum"`
						} `json:"kind"`
					} `json:"properties"`
				} `json:"oneOf"`
			} `json:"error"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(probe.Schema(), &s); err != nil {
		t.Fatal(err)
	}
	for _, one := range s.Properties.Error.OneOf {
		if one.Properties.Kind.Enum != nil {
			return one.Properties.Kind.Enum
		}
	}
	t.Fatal("the schema lists no kinds")
	return nil
}

func TestSchemaRefusesWhatIsNoReport(t *testing.T) {
	t.Parallel()
	schema, err := reportSchema()
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range []string{`{}`, `[]`, `{"schema_version": 2}`} {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(v) == nil {
			t.Errorf("the schema takes %s for a report", doc)
		}
	}
}
