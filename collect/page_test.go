package collect

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/collect/store/ndjson"
	"github.com/divinedevops/probe/collect/store/storetest"
)

// registration is an event of a client that measured a model.
func registration(client, model, pooling string) record.Record {
	return record.Record{HWID: client, EventName: record.ModelRegistration, Metadata: json.RawMessage(fmt.Sprintf(
		`{"model_name":%q,"embedding_dimension":384,"modalities":["text"],"load_success":true,"inference_success":true,"pooling":%q}`,
		model, pooling))}
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// Thousands of forged votes make a cell no longer than a few words.
func TestPageWithForgedVotes(t *testing.T) {
	t.Parallel()
	m := &memory{}
	for i := range 2000 {
		m.records = append(m.records, registration(fmt.Sprint("c", i), "acme/model", fmt.Sprintf("forged-%04d", i)))
	}
	html := get(NewServer(with(m)), "/").Body.String()
	if want := `<td class="split">forged-0000 (1), forged-0001 (1), forged-0002 (1), 1997 others</td>`; !strings.Contains(html, want) {
		t.Errorf("expected %s in a page of %d bytes", want, len(html))
	}
	if len(html) > 8<<10 {
		t.Errorf("the page has %d bytes", len(html))
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := NewServer(with(&memory{}))
	for path, want := range map[string]string{
		"/": "public, max-age=60", "/openapi.yaml": "public, max-age=3600", "/readyz": "no-store", "/metrics": "no-store", "/nowhere": "no-store",
	} {
		header := get(s, path).Header()
		if got := header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
		}
		if header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: HSTS without TLS", path)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Header().Get("Strict-Transport-Security") != "max-age=31536000" {
		t.Errorf("HSTS %q", w.Header().Get("Strict-Transport-Security"))
	}
}

// reads counts the entries that a store hands out, and waits before each reading if told to.
type reads struct {
	memory
	entries int
	hold    chan struct{}
}

func (r *reads) Read(ctx context.Context, from record.Cursor, each func(record.Entry) error) (record.Cursor, error) {
	if r.hold != nil {
		<-r.hold
	}
	return r.memory.Read(ctx, from, func(e record.Entry) error {
		r.entries++
		return each(e)
	})
}

// A request never waits for a survey if there is a page, and the next page reads what is new alone.
func TestPageIsKeptIncrementally(t *testing.T) {
	t.Parallel()
	now := storetest.Time
	store := &reads{}
	for i := range 100 {
		store.records = append(store.records, registration(fmt.Sprint("c", i), "acme/first", "mean"))
	}
	s := NewServer(Options{Sink: store, Source: store, Now: func() time.Time { return now }})
	if html := get(s, "/").Body.String(); !strings.Contains(html, "acme/first") || store.entries != 100 {
		t.Fatalf("%d entries read", store.entries)
	}
	store.records = append(store.records, registration("c", "acme/second", "mean"))
	store.hold = make(chan struct{})
	s.figures.wait()
	now = now.Add(time.Hour)
	if w := get(s, "/"); w.Code != 200 || strings.Contains(w.Body.String(), "acme/second") { // answers while the reading waits
		t.Errorf("%d: not the page that was there", w.Code)
	}
	close(store.hold)
	s.figures.wait()
	if html := get(s, "/").Body.String(); !strings.Contains(html, "acme/first") || !strings.Contains(html, "acme/second") || store.entries != 101 {
		t.Errorf("%d entries read\n%s", store.entries, html)
	}
}

// What was archived is no longer counted.
func TestPageAfterASegmentIsGone(t *testing.T) {
	t.Parallel()
	now := storetest.Time
	folder := t.TempDir()
	store, err := ndjson.Open(folder, ndjson.Options{SegmentBytes: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	for i, model := range []string{"acme/old", "acme/new"} {
		storetest.MustPut(t, store, registration(fmt.Sprint("c", i), model, "mean"), true)
	}
	o := with(store)
	o.Now = func() time.Time { return now }
	s := NewServer(o)
	if html := get(s, "/").Body.String(); !strings.Contains(html, "acme/old") {
		t.Fatal(html)
	}
	if err := os.Remove(filepath.Join(folder, "events-00000001.ndjson")); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	get(s, "/")
	s.figures.wait()
	if html := get(s, "/").Body.String(); strings.Contains(html, "acme/old") || !strings.Contains(html, "acme/new") {
		t.Error(html)
	}
}
