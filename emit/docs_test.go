package emit

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// Every field that an event can have is explained in docs/privacy.md, and no other.
func TestPrivacyDocumentIsComplete(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "docs", "privacy.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	_, table, _ := strings.Cut(string(data), "| field |")
	for line := range strings.Lines(table) {
		if name, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ = strings.Cut(name, "`")
			documented[name] = true
		}
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[Event](), reflect.TypeFor[Metadata]()} {
		for i := range typ.NumField() {
			name := typ.Field(i).Tag.Get("json")
			if !documented[name] && name != "metadata" {
				t.Errorf("%s is not explained in docs/privacy.md", name)
			}
			delete(documented, name)
		}
	}
	for name := range documented {
		t.Errorf("docs/privacy.md explains %s, which is no field", name)
	}
}
