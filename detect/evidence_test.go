package detect

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestTypesAreComplete fails where a kind of evidence was added and not registered: it would lose its type on the way from the
// child process, and the report for a person its summary.
func TestTypesAreComplete(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !strings.HasSuffix(spec.Name.Name, "Evidence") && !strings.HasSuffix(spec.Name.Name, "Report") {
				return true
			}
			found++
			evidence, ok := types["detect."+spec.Name.Name]
			if !ok {
				t.Errorf("%s: %s is evidence and not registered", f.Name(), spec.Name.Name)
			} else if !evidence.Implements(reflect.TypeFor[Summarized]()) {
				t.Errorf("%s: %s has no Summary", f.Name(), spec.Name.Name)
			}
			return true
		})
	}
	if found < 10 {
		t.Fatalf("expected to find the kinds of evidence in this package's source, found %d", found)
	}
}

// TestTypesRoundTrip fills every field of every type and sends it through JSON.
func TestTypesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, kind := range types {
		full := reflect.New(kind)
		fill(t, full.Elem())
		for _, v := range []any{reflect.Zero(kind).Interface(), full.Elem().Interface()} {
			doc, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			back, err := DecodeTyped(TypeName(v), doc)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(v, back) {
				t.Errorf("%s: sent %+v, got %+v", TypeName(v), v, back)
			}
		}
	}
}

// fill sets everything that v holds to something that is not zero.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() { // the others are scratch of this package that no reader sees
				fill(t, v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0))
		fill(t, v.Index(1))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key)
		fill(t, value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("é\x00<&>\u2028")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1.0 / 1024)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(1<<31 - 1)
	default:
		t.Fatalf("%s: expected a kind that JSON carries, found %s", v.Type(), v.Kind())
	}
}

func TestDecodeTyped(t *testing.T) {
	t.Parallel()
	if v, err := DecodeTyped("", []byte("null")); v != nil || err != nil {
		t.Errorf("nil: %v, %v", v, err)
	}
	if _, err := DecodeTyped("int", []byte(`"a"`)); err == nil || !strings.Contains(err.Error(), "expected int") {
		t.Errorf("a string for an int: %v", err)
	}
	const unknown = `{"b":1,"a":2.50}`
	v, err := DecodeTyped("other.Thing", []byte(unknown))
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := json.Marshal(v); err != nil || string(doc) != unknown {
		t.Errorf("an unknown type: %s, %v", doc, err)
	}
}
