package isolate_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/divinedevops/probe/internal/fault"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/probe/isolate"
)

// The child's part of a test: which fault, and when.
const (
	faultVariable = "PROBE_TEST_FAULT"
	whenVariable  = "PROBE_TEST_FAULT_AT"
)

func TestMain(m *testing.M) {
	isolate.Main(func(o *probe.Options) {
		if name := os.Getenv(faultVariable); name != "" {
			e := fault.New(name, os.Getenv(whenVariable))
			o.Engine, o.Progress = e, e.Step
		}
	})
	if os.Getenv(parentVariable) != "" {
		beParent()
		return
	}
	os.Exit(m.Run())
}

// faulty are the options of a probe whose engine goes wrong in the child.
func faulty(name, at string, o probe.Options, i isolate.Options) (probe.Options, isolate.Options) {
	o.Engine = fault.New("", "")
	i.Env = append(slices.Clone(os.Environ()), faultVariable+"="+name, whenVariable+"="+at)
	return o, i
}

var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(probe.Schema()))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("report.json")
})

// valid holds a report against the schema and returns its JSON.
func valid(t *testing.T, r *probe.Report) string {
	t.Helper()
	doc, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Fatalf("the report breaks its schema: %v\n%s", err, doc)
	}
	if r.Error != nil && strings.ContainsAny(r.Error.Message, "\x1b\x07\x00\r") {
		t.Errorf("the message holds control characters: %q", r.Error.Message)
	}
	return string(doc)
}
