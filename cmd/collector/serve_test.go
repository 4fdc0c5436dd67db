package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divinedevops/probe/collect"
	"github.com/divinedevops/probe/collect/registry"
	collectstore "github.com/divinedevops/probe/collect/store"
	"github.com/divinedevops/probe/collect/store/ndjson"
	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/internal/testenv"
)

func noEnv(string) string { return "" }

func facts(model string) emit.Facts {
	dimension := 384
	return emit.Facts{
		Origin: emit.OriginHub, Model: model, LoadSuccess: true, InferenceSuccess: true, DeviceType: "cpu",
		EmbeddingDimension: &dimension, Modalities: []string{"text"}, Normalization: "l2", Pooling: "mean",
	}
}

// client is a probe installation whose telemetry is on.
func client(t *testing.T, base string) (emit.Recorder, emit.Sender) {
	t.Helper()
	dir := emit.NewDir(t.TempDir())
	endpoint, err := emit.Endpoint(base, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if err := emit.WriteConsent(dir, emit.Consent{Mode: emit.ModeOn, Endpoint: endpoint}); err != nil {
		t.Fatal(err)
	}
	if err := emit.WriteInclusions(dir, emit.Inclusions{"acme"}); err != nil {
		t.Fatal(err)
	}
	return emit.Recorder{Dir: dir, Getenv: noEnv, Now: time.Now, AppVersion: "0.1.0", ClientType: "probe"},
		emit.Sender{Dir: dir, Getenv: noEnv, Now: time.Now, AppVersion: "0.1.0", Endpoint: endpoint}
}

// probe's queue and sender against the collector as a process, with both stores: what was queued is stored, and the
// registry comes out of it, while the collector runs.
func TestProbeToCollectorToRegistry(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]func(t *testing.T) string{
		"ndjson":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "store") },
		"postgres": func(t *testing.T) string { return testenv.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := store(t)
			url, stop := serveProcess(t, "--store", at, "--ip", "truncate")
			const clients = 3
			for range clients {
				r, s := client(t, url)
				for _, model := range []string{"sentence-transformers/all-MiniLM-L6-v2", "acme/model"} {
					if e := r.Record(facts(model)); e.State != emit.StateQueued {
						t.Fatalf("%+v", e)
					}
				}
				if result, err := s.Send(context.Background()); err != nil || result != (emit.SendResult{Sent: 2}) {
					t.Fatalf("%+v, %v", result, err)
				}
			}
			out, diff, code := collectorRun(t, nil, "registry", "--store", at, "--existing",
				filepath.Join(testenv.Root(), "testdata", "telemetry", "known_embedding_models.json"), "--min-clients", "3")
			var result registry.Registry
			if err := json.Unmarshal([]byte(out), &result); err != nil || code != 0 {
				t.Fatalf("exit code %d, %v: %s%s", code, err, out, diff)
			}
			if !strings.Contains(diff, "0 wrong, 1 new, 1 confirmed") || !strings.Contains(diff, "confirmed    all-MiniLM-L6-v2") {
				t.Errorf("diff:\n%s", diff)
			}
			if last := result.Models[len(result.Models)-1]; last.Name != "acme/model" || last.Dimension != 384 {
				t.Errorf("last entry %+v", last)
			}
			stop()
			// What the collector stored is still there for the next one.
			url, _ = serveProcess(t, "--store", at)
			resp, err := http.Get(url + "/readyz")
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Errorf("%v, %v", resp, err)
			}
			_ = resp.Body.Close()
		})
	}
}

// vector-inspector's own TelemetryService sends, and its events are stored.
func TestVectorInspectorSends(t *testing.T) {
	t.Parallel()
	store := t.TempDir()
	url, stop := serveProcess(t, "--store", store)
	script := filepath.Join(testenv.Root(), "testdata", "telemetry", "send_with_vector_inspector.py")
	cmd := exec.Command(testenv.APIPython(t), script, url+collect.IngestPath)
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	stop()
	var got []string
	for r, err := range collectstore.Records(context.Background(), ndjson.NewReader(store), nil) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.EventName+" "+r.ClientType+" "+r.AppVersion)
		if len(r.HWID) != 36 || !strings.Contains(string(r.Metadata), `"session_id":"session-1"`) {
			t.Errorf("%+v", r)
		}
	}
	if want := "app_launch vector-inspector 0.8.4;Error vector-inspector 0.8.4"; strings.Join(got, ";") != want {
		t.Errorf("stored %v, want %s", got, want)
	}
}

// schemathesis makes requests after openapi.yaml and holds every answer against it.
func TestSchemathesis(t *testing.T) {
	t.Parallel()
	python := testenv.APIPython(t)
	url, _ := serveProcess(t, "--store", t.TempDir(), "--rate", "0", "--key", "")
	cmd := exec.Command(filepath.Join(filepath.Dir(python), "schemathesis"), "run", url+"/openapi.yaml", "--checks", "all",
		"--max-examples", "60", "--seed", "1", "--no-color", "--generation-database", "none")
	cmd.Dir = t.TempDir()
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// A real browser shows the page, which has no script and forbids any (Content-Security-Policy).
func TestPageInChromium(t *testing.T) {
	t.Parallel()
	chromium := testenv.Chromium(t)
	url, _ := serveProcess(t, "--store", t.TempDir())
	for i, model := range []string{"acme/agreed", "acme/agreed", "acme/split", "acme/split"} {
		r, s := client(t, url)
		f := facts(model)
		if i == 3 {
			*f.EmbeddingDimension = 385
		}
		r.Record(f)
		if result, err := s.Send(context.Background()); err != nil || result.Sent != 1 {
			t.Fatalf("%+v, %v", result, err)
		}
	}
	cmd := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu",
		"--user-data-dir="+t.TempDir(), "--dump-dom", url+"/")
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dom := string(out)
	for _, want := range []string{
		"<h1>Embedding models, as measured</h1>", "2 models, measured by 4 clients in 4 events",
		`<td class="model">acme/agreed</td><td class="number">2</td><td class="number">1</td><td>384</td><td>mean</td><td>l2</td>`,
		`<td class="model">acme/split</td><td class="number">2</td><td class="number">1</td><td class="split">384 (1), 385 (1)</td>`,
	} {
		if !strings.Contains(dom, want) {
			t.Errorf("expected %s in\n%s", want, dom)
		}
	}
	if strings.Contains(dom, "<script") {
		t.Error("the page has a script")
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		env  []string
		args string
		says string
	}{
		{nil, "serve --ip sell", "store, truncate or drop"},
		{nil, "serve --trusted-proxy all", "expected a network"},
		{nil, "serve --tls-cert x", "both --tls-cert and --tls-key"},
		{nil, "serve --nonsense", "unknown flag"},
		{nil, "serve now", "unknown command"},
		{nil, "serve --segment-mb 0", "at least 1"},
		{nil, "serve --store mysql://host/database", `unknown scheme "mysql"`},
		{nil, "registry --store nosuch:x", "ndjson:FOLDER, postgres://"},
		{[]string{"GITHUB_TOKEN=x", "REPO_OWNER=o", "REPO_NAME=r", "FILE_PATH=f"}, "publish github --store nosuch:x", "unknown scheme"},
		{[]string{"COLLECTOR_RATE=fast"}, "serve", "COLLECTOR_RATE"},
		{nil, "publish github", "expected GITHUB_TOKEN"},
		{[]string{"GITHUB_TOKEN=x", "REPO_OWNER=o", "REPO_NAME=r", "FILE_PATH=f"}, "publish github --batch 0", "at least 1"},
		{nil, "frobnicate", "unknown command"},
	} {
		_, stderr, code := collectorRun(t, test.env, strings.Fields(test.args)...)
		if code != 2 || !strings.Contains(stderr, test.says) {
			t.Errorf("%s: exit code %d: %s", test.args, code, stderr)
		}
	}
	if out, _, code := collectorRun(t, nil, "version"); code != 0 || out != "test\n" {
		t.Errorf("version: %d %q", code, out)
	}
	if _, stderr, code := collectorRun(t, nil, "registry", "--store", "/nowhere"); code != 1 || !strings.Contains(stderr, "nowhere") {
		t.Errorf("a store that is not there: %d %s", code, stderr)
	}
}
