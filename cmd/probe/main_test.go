package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/ort"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"probe": main})
}

// TestScripts runs the built command as users do. A script finds the zoo under $ZOO, the broken models under $BROKEN.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("ZOO", testenv.Zoo(""))
			env.Setenv("BROKEN", filepath.Join(testenv.Root(), "testdata", "broken"))
			env.Setenv("PROBE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("PROBE_CACHE", filepath.Join(env.WorkDir, "cache"))
			env.Setenv("HF_HOME", filepath.Join(env.WorkDir, "hf"))
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "cgo" {
				return ort.Built, nil
			}
			return false, nil
		},
	})
}

// result is what one command line gave.
type result struct {
	code           int
	stdout, stderr string
}

// invoke runs a command line in this process, with an environment of its own.
func invoke(t *testing.T, vars map[string]string, stdin string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	home := t.TempDir()
	code := run(args, &environment{
		stdin: strings.NewReader(stdin), stdout: &stdout, stderr: &stderr,
		getenv: func(name string) string {
			if v, ok := vars[name]; ok {
				return v
			}
			switch name {
			case "PROBE_HOME", "PROBE_CACHE", "HF_HOME", "HOME":
				return filepath.Join(home, name)
			case "PATH", "TMPDIR":
				return os.Getenv(name)
			}
			return ""
		},
		now: time.Now,
	})
	return result{code, stdout.String(), stderr.String()}
}

// backends are the engines to test on: pure Go always, ONNX Runtime where this build can load it.
func backends(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{"go": {}}
	if ort.Built {
		all["onnxruntime"] = map[string]string{"ONNXRUNTIME_SHARED_LIBRARY_PATH": testenv.ONNXRuntime(t)}
	}
	return all
}
