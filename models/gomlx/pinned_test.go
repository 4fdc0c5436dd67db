package gomlx

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"github.com/divinedevops/probe/internal/testenv"
)

// The list of operators and the version are facts about modules: they must follow when those are upgraded.

func TestKnownOpsAreThoseOfTheModule(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/gomlx/onnx-gomlx")
	cmd.Dir = testenv.Root()
	dir, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "internal", "onnxgomlx", "graph.go"))
	if err != nil {
		t.Fatal(err)
	}
	_, body, found := strings.Cut(string(source), "switch node.OpType {")
	if !found {
		t.Fatal("expected convertNode's switch in graph.go")
	}
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^\tcase "(\w+)":`).FindAllStringSubmatch(body, -1) {
		want = append(want, m[1])
	}
	slices.Sort(want)
	if got := strings.Fields(knownOps); len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("knownOps is\n%s\nthe module converts\n%s", got, want)
	}
}

func TestVersionIsThatOfTheModule(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile(filepath.Join(testenv.Root(), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(mod), "github.com/gomlx/gomlx v"+Version) {
		t.Errorf("Version is %s, go.mod requires another gomlx", Version)
	}
}

func TestThreadsReachTheBackend(t *testing.T) {
	t.Parallel()
	for threads, want := range map[int]string{1: "parallelism=0", 3: "parallelism=3"} {
		b, err := compute.NewWithConfig("go")
		if err != nil {
			t.Fatal(err)
		}
		if err := setThreads(b, threads); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.Description(), want) {
			t.Errorf("%d threads: expected %s, found %s", threads, want, b.Description())
		}
	}
}
