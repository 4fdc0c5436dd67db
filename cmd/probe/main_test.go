package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/ort"
)

// commands are what a script may call.
var commands = map[string]func(){"probe": main}

func TestMain(m *testing.M) {
	enterJail()
	testscript.Main(m, commands)
}

// TestScripts runs the built command as users do. A script finds the zoo under $ZOO, the broken models under $BROKEN,
// those of testdata/cases under $CASES, and ONNX Runtime's library under $LIBRARY if this build can load it.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:  filepath.Join("testdata", "script"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"stdcode": expectCode},
		Setup: func(env *testscript.Env) error {
			env.Setenv("ZOO", testenv.Zoo(""))
			env.Setenv("CASES", filepath.Join(testenv.Root(), "testdata", "cases"))
			env.Setenv("BROKEN", filepath.Join(testenv.Root(), "testdata", "broken"))
			env.Setenv("CASES", filepath.Join(testenv.Root(), "testdata", "cases"))
			if ort.Built {
				env.Setenv("LIBRARY", testenv.ONNXRuntime(t))
			}
			env.Setenv("PROBE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("PROBE_CACHE", filepath.Join(env.WorkDir, "cache"))
			env.Setenv("HF_HOME", filepath.Join(env.WorkDir, "hf"))
			return lyingModel(filepath.Join(env.WorkDir, "lying"))
		},
		Condition: func(name string) (bool, error) {
			if name == "cgo" {
				return ort.Built, nil
			}
			return false, nil
		},
	})
}

// expectCode is the script command `stdcode N COMMAND...`: the command must exit with N.
func expectCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: stdcode N command [args...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && fmt.Sprint(exit.ExitCode()) == args[0], err == nil && args[0] == "0":
	default:
		ts.Fatalf("expected exit code %s, found %v", args[0], err)
	}
}

// lyingModel copies a model of the zoo and makes its files declare more tokens than the graph's positions hold.
func lyingModel(dir string) error {
	if err := os.CopyFS(dir, os.DirFS(testenv.Zoo("bert-max"))); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "sentence_bert_config.json"),
		[]byte(`{"max_seq_length": 4096, "do_lower_case": false}`), 0o644)
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

// backends are the engines to test on: ONNX Runtime where this build can load it, and pure Go but under the race detector.
func backends(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	if !raced || !ort.Built {
		all["go"] = map[string]string{}
	}
	if ort.Built {
		all["onnxruntime"] = map[string]string{"ONNXRUNTIME_SHARED_LIBRARY_PATH": testenv.ONNXRuntime(t)}
	}
	return all
}
