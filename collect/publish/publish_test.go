package publish

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/collect/store/storetest"
)

// fakeGitHub answers the contents API for one file as GitHub does: base64 up to 1 MB, raw beyond, 409 where the sha is
// not the present one, 422 where it is missing.
type fakeGitHub struct {
	t       *testing.T
	mu      sync.Mutex
	content []byte
	exists  bool
	commits []string
	before  func(f *fakeGitHub, r *http.Request) (status int) // runs first; a status other than 0 is answered
}

func (f *fakeGitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer token" || r.URL.Path != "/repos/acme/data/contents/a b/events.ndjson" {
		f.t.Errorf("%s %s as %q", r.Method, r.URL.Path, r.Header.Get("Authorization"))
	}
	if f.before != nil {
		if status := f.before(f, r); status != 0 {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"message":"no"}`)
			return
		}
	}
	switch {
	case r.Method == http.MethodGet && !f.exists:
		w.WriteHeader(404)
	case r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "raw"):
		_, _ = w.Write(f.content)
	case r.Method == http.MethodGet:
		meta := map[string]any{"type": "file", "sha": blobSHA(f.content), "size": len(f.content), "encoding": "none", "content": ""}
		if len(f.content) <= 1<<20 {
			meta["encoding"], meta["content"] = "base64", lines60(base64.StdEncoding.EncodeToString(f.content))
		}
		_ = json.NewEncoder(w).Encode(meta)
	default:
		f.put(w, r)
	}
}

func (f *fakeGitHub) put(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Message, SHA, Branch string
		Content              []byte
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body.Branch != "main" {
		f.t.Errorf("%v, branch %q", err, body.Branch)
	}
	switch {
	case f.exists && body.SHA == "":
		w.WriteHeader(422)
	case f.exists && body.SHA != blobSHA(f.content):
		w.WriteHeader(409)
	default:
		f.content, f.exists = body.Content, true
		f.commits = append(f.commits, body.Message)
		w.WriteHeader(201)
	}
}

// lines60 breaks base64 into lines, as GitHub does.
func lines60(s string) string {
	var b strings.Builder
	for len(s) > 60 {
		b.WriteString(s[:60] + "\n")
		s = s[60:]
	}
	return b.String() + s
}

func newFakeGitHub(t *testing.T) (*fakeGitHub, GitHub) {
	t.Helper()
	f := &fakeGitHub{t: t}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, GitHub{
		API: server.URL, Token: "token", Owner: "acme", Repo: "data", Path: "a b/events.ndjson", Branch: "main",
		Wait: func(context.Context, int) error { return nil },
	}
}

func events(n int) []record.Record {
	var out []record.Record
	for i := range n {
		out = append(out, storetest.Event("client", fmt.Sprintf("id-%d", i)))
	}
	return out
}

func sequence(records []record.Record) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	f, g := newFakeGitHub(t)
	records := append(events(5), storetest.Event("anonymous", ""), storetest.Event("anonymous", ""))
	publish := func(batch, wantAppended, wantLeft int) {
		t.Helper()
		appended, left, err := g.Publish(context.Background(), sequence(records), batch)
		if err != nil || appended != wantAppended || left != wantLeft {
			t.Fatalf("appended %d, left %d, %v", appended, left, err)
		}
	}
	publish(3, 3, 4)
	publish(100, 4, 0)
	publish(100, 0, 0) // all is there: no commit
	records = append(records, storetest.Event("client", "later"))
	publish(100, 1, 0)
	if got := strings.Join(f.commits, "; "); got != "Telemetry: 3 events; Telemetry: 4 events; Telemetry: 1 event" {
		t.Errorf("commits: %s", got)
	}
	if n := bytes.Count(f.content, []byte("\n")); n != 8 || bytes.Contains(f.content, []byte("192.0.2.1")) || bytes.Contains(f.content, []byte(`"network"`)) {
		t.Errorf("%d lines:\n%s", n, f.content)
	}
}

// Somebody else commits between the read and the write: their lines stay, and ours are added.
func TestPublishConflicts(t *testing.T) {
	t.Parallel()
	for name, exists := range map[string]bool{"to a file": true, "to a file that comes into being": false} {
		f, g := newFakeGitHub(t)
		f.exists = exists
		conflicts := 3
		f.before = func(f *fakeGitHub, r *http.Request) int {
			if r.Method == http.MethodPut && conflicts > 0 {
				conflicts--
				f.content, f.exists = append(f.content, fmt.Sprintf("{\"theirs\":%d}\n", conflicts)...), true
			}
			return 0
		}
		appended, _, err := g.Publish(context.Background(), sequence(events(2)), 10)
		if err != nil || appended != 2 || bytes.Count(f.content, []byte("theirs")) != 3 || bytes.Count(f.content, []byte("\n")) != 5 {
			t.Errorf("%s: appended %d, %v:\n%s", name, appended, err, f.content)
		}
		conflicts = 1000
		if _, _, err := g.Publish(context.Background(), sequence(events(4)), 10); !errors.Is(err, errConflict) {
			t.Errorf("%s: endless conflicts: %v", name, err)
		}
	}
}

// A file over 1 MB is read raw, and one that changes between the two requests is read again.
func TestPublishLargeFile(t *testing.T) {
	t.Parallel()
	f, g := newFakeGitHub(t)
	f.exists, f.content = true, bytes.Repeat([]byte(`{"old":"line"}`+"\n"), 100_000)
	changes := 1
	f.before = func(f *fakeGitHub, r *http.Request) int {
		if strings.Contains(r.Header.Get("Accept"), "raw") && changes > 0 {
			changes--
			f.content = append(f.content, "{\"new\":1}\n"...)
		}
		return 0
	}
	size := len(f.content)
	if appended, _, err := g.Publish(context.Background(), sequence(events(1)), 10); err != nil || appended != 1 {
		t.Fatalf("appended %d, %v", appended, err)
	}
	if len(f.content) <= size+10 || !bytes.Contains(f.content, []byte(`{"new":1}`)) {
		t.Errorf("%d bytes, were %d", len(f.content), size)
	}
}

func TestPublishFailures(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		401: "GITHUB_TOKEN is not valid", 403: "write access", 500: "given up after 5 attempts", 422: "status 422",
	} {
		f, g := newFakeGitHub(t)
		tries := 0
		f.before = func(*fakeGitHub, *http.Request) int { tries++; return status }
		_, _, err := g.Publish(context.Background(), sequence(events(1)), 10)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "token\"") {
			t.Errorf("%d: %v", status, err)
		}
		if (status == 500) != (tries == maxGitHubTries) {
			t.Errorf("%d: %d requests", status, tries)
		}
	}
	f, g := newFakeGitHub(t)
	failures := 2
	f.before = func(*fakeGitHub, *http.Request) int {
		if failures > 0 {
			failures--
			return 502
		}
		return 0
	}
	if appended, _, err := g.Publish(context.Background(), sequence(events(1)), 10); err != nil || appended != 1 {
		t.Errorf("after two failures: %d, %v", appended, err)
	}
	failing := func(yield func(record.Record, error) bool) { yield(record.Record{}, io.ErrUnexpectedEOF) }
	if _, _, err := g.Publish(context.Background(), failing, 10); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a store that cannot be read: %v", err)
	}
}
