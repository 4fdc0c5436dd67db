package telemetry_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/divinedevops/probe/cmd/probe/internal/telemetry"
	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/internal/exitcode"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"probe": probeMain, "record": recordMain})
}

// The scripts in testdata/script run the commands as processes, as a user would.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			server := newServer()
			e.Defer(server.Close)
			e.Setenv("SERVER", server.URL)
			e.Setenv("PROBE_HOME", e.WorkDir+"/state")
			e.Setenv("CI", "")
			e.Setenv("DO_NOT_TRACK", "")
			return nil
		},
	})
}

// newServer answers every event with 201; under /down with 500, under /no with 400.
func newServer() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/down/"):
			w.WriteHeader(http.StatusInternalServerError)
		case strings.HasPrefix(r.URL.Path, "/no/"):
			w.WriteHeader(http.StatusBadRequest)
		default:
			w.WriteHeader(http.StatusCreated)
		}
	}))
}

func fixedNow() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }

// probeMain is `probe telemetry ...` as cmd/probe plugs it in. PROBE_TEST_TERMINAL=1 stands for a terminal.
func probeMain() {
	dir, err := emit.DefaultDir(os.Getenv)
	if err == nil {
		cmd := telemetry.New(telemetry.Deps{
			Stdout: os.Stdout, Stderr: os.Stderr, Stdin: os.Stdin, IsTerminal: os.Getenv("PROBE_TEST_TERMINAL") == "1",
			Home: dir, Getenv: os.Getenv, Now: fixedNow, Version: "0.1.0",
		})
		cmd.SetArgs(os.Args[2:])
		err = cmd.Execute()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		fmt.Fprintln(os.Stderr, "exit code", exitcode.Of(err))
	}
	os.Exit(exitcode.Of(err))
}

// recordMain queues one event of the model named by its argument (a path for a local one).
func recordMain() {
	dir, err := emit.DefaultDir(os.Getenv)
	if err != nil {
		panic(err)
	}
	dimension := 384
	facts := emit.Facts{
		Origin: emit.OriginHub, Model: os.Args[1], LoadSuccess: true, InferenceSuccess: true, DeviceType: "cpu",
		EmbeddingDimension: &dimension, Modalities: []string{"text"}, Normalization: "l2", Pooling: "mean",
	}
	if os.Args[1][0] == '/' {
		facts.Origin, facts.Model, facts.LocalPath = emit.OriginLocal, "", os.Args[1]
	}
	entry := emit.Recorder{Dir: dir, Getenv: os.Getenv, Now: fixedNow, AppVersion: "0.1.0", ClientType: "probe"}.Record(facts)
	fmt.Println(telemetry.Line(entry))
	for _, warning := range telemetry.Warnings(entry.Notices) {
		fmt.Fprintln(os.Stderr, warning)
	}
}
