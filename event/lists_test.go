package event

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// Each closed list stands once, in vocabulary; where it must be written again (constants, a schema, a table for people) it is
// the same list.

func TestErrorKindsAreOneList(t *testing.T) {
	t.Parallel()
	want := vocabulary.ErrorKinds()
	for where, list := range map[string][]string{
		"models/failure": constantsOf(t, "Kind"), "docs/errors.md": documentedKinds(t), "the report's schema": schemaEnum(t, "kind"),
	} {
		if !slices.Equal(list, want) {
			t.Errorf("%s:\n%q\nvocabulary.ErrorKinds:\n%q", where, list, want)
		}
	}
}

func TestStagesAreOneList(t *testing.T) {
	t.Parallel()
	want := vocabulary.Stages()
	for where, list := range map[string][]string{
		"models/failure": constantsOf(t, "Stage"), "the report's schema": schemaEnum(t, "stage"),
	} {
		if !slices.Equal(list, want) {
			t.Errorf("%s:\n%q\nvocabulary.Stages:\n%q", where, list, want)
		}
	}
}

// Whatever the report has on both sides, apart from what happened, can drift, and reaches an event as drift.
func TestDriftKeysAreTheReports(t *testing.T) {
	t.Parallel()
	var sides []string
	typ := reflect.TypeFor[probe.Properties]()
	for i := range typ.NumField() {
		key, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if key != "-" && key != vocabulary.KeyLoadSuccess && key != vocabulary.KeyInferenceSuccess {
			sides = append(sides, key)
		}
	}
	slices.Sort(sides)
	keys := vocabulary.DriftKeys()
	slices.Sort(keys)
	if !slices.Equal(sides, keys) {
		t.Errorf("both sides of a report: %q\nvocabulary.DriftKeys:  %q", sides, keys)
	}
}

// constantsOf lists the string constants of a type in models/failure/failure.go, in their order.
func constantsOf(t *testing.T, typ string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "models", "failure", "failure.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); !ok || name.Name != typ {
			return true
		}
		for _, v := range spec.Values {
			if literal, ok := v.(*ast.BasicLit); ok {
				word, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, word)
			}
		}
		return true
	})
	return out
}

// documentedKinds lists the first column of the table of kinds.
func documentedKinds(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "docs", "errors.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(data), "| kind |")
	if !ok {
		t.Fatal("docs/errors.md has no table of kinds")
	}
	var out []string
	for _, match := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(table, -1) {
		out = append(out, match[1])
	}
	return out
}

// schemaEnum finds the words that the report's schema allows for a field of error.
func schemaEnum(t *testing.T, field string) []string {
	t.Helper()
	var s struct {
		Properties struct {
			Error struct {
				OneOf []struct {
					Properties map[string]struct {
						Enum []string `json:"enum"`
					} `json:"properties"`
				} `json:"oneOf"`
			} `json:"error"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(probe.Schema(), &s); err != nil {
		t.Fatal(err)
	}
	for _, one := range s.Properties.Error.OneOf {
		if list := one.Properties[field].Enum; list != nil {
			return list
		}
	}
	t.Fatalf("the schema lists no words for error.%s", field)
	return nil
}
