// Package architecture holds the shape of the house: which package may import which. docs/architecture.md explains it.
package architecture

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
)

const module = "github.com/divinedevops/probe/"

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath     string
	Dir            string
	GoFiles        []string
	CgoFiles       []string
	IgnoredGoFiles []string
	Imports        []string
	Deps           []string
}

// name is the package's path below the module: "models/ort".
func (p listed) name() string { return strings.TrimPrefix(p.ImportPath, module) }

func (p listed) imports(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(p.Imports), func(path string) bool { return !under(path, names) })
}

func (p listed) reaches(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(p.Deps), func(path string) bool { return !under(path, names) })
}

// under reports whether an import path is one of our packages in names, or below one that ends in "/...".
func under(path string, names []string) bool {
	path, ours := strings.CutPrefix(path, module)
	return ours && slices.ContainsFunc(names, func(name string) bool {
		folder, all := strings.CutSuffix(name, "/...")
		return path == folder || all && strings.HasPrefix(path, folder+"/")
	})
}

// packages are those of this module, as the build on this system has them.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,CgoFiles,IgnoredGoFiles,Imports,Deps", "./...")
	cmd.Dir = testenv.Root()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 20 {
		t.Fatalf("expected the packages of the module, found %d", len(all))
	}
	return all
}

// in reports whether a package is one of names; "x/..." takes x and what lies below.
func in(p listed, names ...string) bool { return under(p.ImportPath, names) }

// engines run a graph; whoever imports one is tied to it.
var engines = []string{"models/ort", "models/gomlx"}

// TestArrows holds the imports: cmd -> render, event, probe -> models, detect; event -> emit.
func TestArrows(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		forbid := func(why string, found []string) {
			for _, path := range found {
				t.Errorf("%s imports %s: %s", p.name(), strings.TrimPrefix(path, module), why)
			}
		}
		if in(p, "vocabulary") {
			forbid("the words stand below everything", p.imports("/...", "cmd/...", "probe/...", "detect/...", "emit/...", "models/..."))
		}
		if in(p, "detect/...") {
			forbid("detect is arithmetic and knows no engine", p.reaches(append(engines, "models/engine", "models", "probe/...", "emit/...")...))
			for _, path := range p.Imports {
				switch path {
				case "os", "net", "net/http", "io/fs", "os/exec", "syscall", "path/filepath":
					t.Errorf("%s imports %s: detect does no I/O", p.name(), path)
				}
			}
		}
		if in(p, "cmd/...") {
			forbid("a command asks package probe, not an engine", p.imports(engines...))
		}
		if in(p, "models/...") {
			forbid("models know nothing of what is measured", p.reaches("probe/...", "detect/...", "emit/...", "event/...", "render/...", "collect/..."))
		}
		if in(p, "probe/...") {
			forbid("probe and telemetry meet in event alone", p.reaches("emit/...", "event/...", "render/...", "collect/..."))
		}
		if in(p, "render/...") {
			forbid("a renderer shows a report and sends nothing", p.reaches("emit/...", "event/...", "collect/..."))
		}
		if in(p, "emit/...") {
			forbid("telemetry knows facts, not models", p.reaches("probe/...", "models/...", "detect/...", "event/...", "render/..."))
		}
		if in(p, "collect/...") {
			forbid("the collector knows events, not models", p.reaches("probe/...", "models/...", "detect/...", "emit/...", "event/..."))
		}
		if !in(p, "event/...") && len(p.imports("probe")) > 0 && len(p.imports("emit")) > 0 {
			t.Errorf("%s imports both probe and emit: they meet in event alone", p.name())
		}
	}
}

// TestNoFlagsInLibraries holds that only the commands know their flags: a Go caller must not read of `--quick`.
func TestNoFlagsInLibraries(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if in(p, "cmd/...", "internal/testenv", "internal/architecture") {
			continue
		}
		for _, file := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles) {
			if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "tables_") { // tables hold bytes, not words
				continue
			}
			fset := token.NewFileSet()
			parsed, err := parser.ParseFile(fset, filepath.Join(p.Dir, file), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(parsed, func(n ast.Node) bool {
				literal, ok := n.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(literal.Value)
				if err == nil && (strings.Contains(text, " --") || strings.Contains(text, "probe runtime")) {
					t.Errorf("%s: a flag or command in library code: %s", fset.Position(literal.Pos()), literal.Value)
				}
				return true
			})
		}
	}
}
