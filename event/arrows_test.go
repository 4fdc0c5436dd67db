package event

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/divinedevops/probe/"

// imports lists, for each folder of Go files that are no tests, the packages of this module that it imports.
func imports(t *testing.T, root string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && file != root) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if inside, ok := strings.CutPrefix(name, module); ok {
				out[path.Clean(filepath.ToSlash(folder))] = append(out[path.Clean(filepath.ToSlash(folder))], inside)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Reports and events meet here and nowhere else, and emit knows nothing of models.
func TestProbeAndEmitMeetHereAlone(t *testing.T) {
	t.Parallel()
	all := imports(t, "..")
	for folder, list := range all {
		report, emits := slices.Contains(list, "probe"), slices.Contains(list, "emit")
		if report && emits && folder != "event" {
			t.Errorf("%s imports probe and emit", folder)
		}
	}
	for _, name := range all["emit"] {
		if name != "vocabulary" && !strings.HasPrefix(name, "internal/") {
			t.Errorf("emit imports %s", name)
		}
	}
	if len(all["event"]) == 0 || len(all["emit"]) == 0 {
		t.Errorf("event imports %q, emit %q: the test looks in the wrong place", all["event"], all["emit"])
	}
}
