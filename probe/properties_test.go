package probe

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
)

// TestTable holds what every line of the table must have.
func TestTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range properties() {
		if p.key == "" || seen[p.key] {
			t.Errorf("key %q: empty, or there twice", p.key)
		}
		seen[p.key] = true
		if p.declared != nil && p.column.set == nil {
			t.Errorf("%s: it is declared and has no column to stand in", p.key)
		}
		if (p.line != nil || p.stated != nil || p.onlyDrift) && p.label == "" {
			t.Errorf("%s: it says something in a line that it does not have", p.key)
		}
		if p.column.set != nil && p.column.schema == nil {
			t.Errorf("%s: its column has no schema", p.key)
		}
		if p.column.set != nil && p.column.set(&Properties{}, struct{}{}) && p.column.other == "" {
			t.Errorf("%s: its column takes any type", p.key)
		}
		if len(p.label) >= 18 {
			t.Errorf("%s: the label %q is wider than its column", p.key, p.label)
		}
	}
}

// TestSchemaIsFilled finds no word of the template that nothing was put in the place of.
func TestSchemaIsFilled(t *testing.T) {
	t.Parallel()
	if left := regexp.MustCompile(`"@\w*"`).FindAllString(string(Schema()), -1); left != nil {
		t.Errorf("left in the schema: %v", left)
	}
}

// TestDocs finds every property in docs/measurements.md, under a heading of its own or shared with others.
func TestDocs(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile(filepath.Join(testenv.Root(), "docs", "measurements.md"))
	if err != nil {
		t.Fatal(err)
	}
	headings := map[string]bool{}
	for _, line := range strings.Split(string(doc), "\n") {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			for _, key := range strings.Split(title, ", ") {
				headings[key] = true
			}
		}
	}
	for _, p := range properties() {
		if !headings[p.key] && p.key != toyKey {
			t.Errorf("docs/measurements.md has no heading for %s", p.key)
		}
	}
}
