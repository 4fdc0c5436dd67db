package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/collect/store"
	"github.com/divinedevops/probe/collect/store/ndjson"
	"github.com/divinedevops/probe/collect/store/storetest"
)

// with makes the options of a server on a store that is written and read.
func with(s storetest.Store) Options { return Options{Sink: s, Source: s.(store.Source)} }

func openNDJSON(t testing.TB, folder string) *ndjson.Store {
	t.Helper()
	s, err := ndjson.Open(folder, ndjson.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// memory is a store for tests of the server alone.
type memory struct {
	mu      sync.Mutex
	records []record.Record
	err     error
}

func (m *memory) Put(_ context.Context, r record.Record) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return false, m.err
	}
	m.records = append(m.records, r)
	return true, nil
}

func (m *memory) Read(_ context.Context, from record.Cursor, each func(record.Entry) error) (record.Cursor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, _ := strconv.Atoi(string(from)) // 0 where there is none
	for _, r := range m.records[at:] {
		if err := each(record.Entry{Record: r}); err != nil {
			return from, err
		}
	}
	return record.Cursor(strconv.Itoa(len(m.records))), m.err
}

func (m *memory) Ready(context.Context) error { return m.err }
func (m *memory) Close() error                { return nil }

const minimal = `{"hwid":"h","event_name":"e","app_version":"1"}`

func post(h http.Handler, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, IngestPath, strings.NewReader(body))
	r.RemoteAddr = "198.51.100.7:1234"
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestIngestStores(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, body string
		want       record.Record
	}{
		{"minimal", minimal, record.Record{HWID: "h", EventName: "e", AppVersion: "1", ClientType: "vector-inspector", Metadata: []byte(`{}`)}},
		{"nulls", `{"hwid":"h","event_name":"e","app_version":"1","client_type":null,"metadata":null}`,
			record.Record{HWID: "h", EventName: "e", AppVersion: "1", ClientType: "vector-inspector", Metadata: []byte(`{}`)}},
		{"unknown keys of metadata are kept, digit for digit", `{"hwid":"h","event_name":"e","app_version":"1","client_type":"probe","metadata":{"new":{"x":[1.10,1e3,12345678901234567890]},"event_id":"i"}}`,
			record.Record{HWID: "h", EventName: "e", AppVersion: "1", ClientType: "probe", EventID: "i", Metadata: []byte(`{"event_id":"i","new":{"x":[1.10,1e3,12345678901234567890]}}`)}},
		{"other keys are ignored", `{"hwid":"h","event_name":"e","app_version":"1","extra":{"deep":1}}`,
			record.Record{HWID: "h", EventName: "e", AppVersion: "1", ClientType: "vector-inspector", Metadata: []byte(`{}`)}},
		{"U+0000 and lone surrogates", `{"hwid":"h\u0000","event_name":"e","app_version":"1","metadata":{"a\u0000":"b\u0000\ud800"}}`,
			record.Record{HWID: "h\ufffd", EventName: "e", AppVersion: "1", ClientType: "vector-inspector", Metadata: []byte("{\"a\ufffd\":\"b\ufffd\ufffd\"}")}},
	} {
		store := &memory{}
		s := NewServer(Options{Sink: store, Now: func() time.Time { return storetest.Time }})
		w := post(s, test.body)
		if w.Code != http.StatusCreated || strings.TrimSpace(w.Body.String()) != `{"status":"success"}` {
			t.Errorf("%s: %d %s", test.name, w.Code, w.Body)
			continue
		}
		test.want.ReceivedAt = storetest.Time
		if got, want := fmt.Sprintf("%+q", store.records[0]), fmt.Sprintf("%+q", test.want); got != want {
			t.Errorf("%s: stored\n%s\nwant\n%s", test.name, got, want)
		}
	}
}

func TestIngestRefuses(t *testing.T) {
	t.Parallel()
	s := NewServer(Options{Sink: &memory{}, Key: "shared"})
	key := []string{"X-Telemetry-Key", "shared"}
	for _, test := range []struct {
		name, body string
		headers    []string
		code       int
		says       string
	}{
		{"no JSON", "hello", key, 400, "expected one JSON object"},
		{"empty", "", key, 400, "expected one JSON object"},
		{"null", "null", key, 400, "found null"},
		{"a list", "[]", key, 400, "expected one JSON object"},
		{"two objects", minimal + minimal, key, 400, "found more after it"},
		{"not UTF-8", "{\"hwid\":\"\xff\"}", key, 400, "UTF-8"},
		{"all is missing", "{}", key, 400, `"fields":{"app_version":"required","event_name":"required","hwid":"required"}`},
		{"wrong types", `{"hwid":1,"event_name":[],"app_version":null,"client_type":{},"metadata":"x"}`, key, 400,
			`"fields":{"app_version":"required","client_type":"expected a string, found an object","event_name":"expected a string, found an array","hwid":"expected a string, found a number","metadata":"expected an object, found a string"}`},
		{"an event_id that is no text", `{"hwid":"h","event_name":"e","app_version":"1","metadata":{"event_id":5}}`, key, 400, `"event_id":"expected a string, found a number"`},
		{"empty texts", `{"hwid":"","event_name":"e","app_version":"1"}`, key, 400, `"hwid":"required, found an empty string"`},
		{"a long text", `{"hwid":"` + strings.Repeat("x", 129) + `","event_name":"e","app_version":"1"}`, key, 400, "at most 128 characters, found 129"},
		{"a number out of range", `{"hwid":"h","event_name":"e","app_version":"1","metadata":{"x":1e999}}`, key, 400, "out of range"},
		{"a number too small", `{"hwid":"h","event_name":"e","app_version":"1","metadata":{"x":[1e-9999]}}`, key, 400, "out of range"},
		{"deep nesting", `{"hwid":"h","event_name":"e","app_version":"1","metadata":{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}}`, key, 400, "nested deeper"},
		{"no key", minimal, nil, 401, "X-Telemetry-Key"},
		{"a wrong key", minimal, []string{"X-Telemetry-Key", "guess"}, 401, "X-Telemetry-Key"},
		{"too long", strings.Repeat(" ", MaxBodyBytes+1), key, 413, "65536"},
		{"another type", minimal, append([]string{"Content-Type", "text/plain"}, key...), 415, "application/json"},
		{"no type", minimal, append([]string{"Content-Type", ""}, key...), 415, "application/json"},
	} {
		w := post(s, test.body, test.headers...)
		if w.Code != test.code || !strings.Contains(w.Body.String(), test.says) {
			t.Errorf("%s: %d %s", test.name, w.Code, w.Body)
		}
		var body errorBody
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Status != "error" || body.Error == "" ||
			w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: the answer is no JSON error: %s", test.name, w.Body)
		}
	}
	if w := post(s, minimal, append([]string{"Content-Type", "Application/JSON; charset=utf-8"}, key...)...); w.Code != 201 {
		t.Errorf("with a charset: %d %s", w.Code, w.Body)
	}
}

func TestMethodsAndPaths(t *testing.T) {
	t.Parallel()
	s := NewServer(with(&memory{}))
	for _, test := range []struct {
		method, path string
		code         int
		allow        string
	}{
		{"GET", IngestPath, 405, "POST"},
		{"DELETE", IngestPath, 405, "POST"},
		{"POST", "/healthz", 405, "GET, HEAD"},
		{"GET", "/healthz", 200, ""},
		{"GET", "/readyz", 200, ""},
		{"GET", "/metrics", 200, ""},
		{"GET", "/openapi.yaml", 200, ""},
		{"HEAD", "/", 200, ""},
		{"POST", "/", 405, "GET, HEAD"},
		{"GET", "/nowhere", 404, ""},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
		if w.Code != test.code || w.Header().Get("Allow") != test.allow {
			t.Errorf("%s %s: %d, Allow %q", test.method, test.path, w.Code, w.Header().Get("Allow"))
		}
	}
}

func TestStoreFails(t *testing.T) {
	t.Parallel()
	s := NewServer(with(&memory{err: errors.New("secret of the disk")}))
	w := post(s, minimal)
	if w.Code != 503 || w.Header().Get("Retry-After") != "60" || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, path := range []string{"/readyz", "/"} {
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, httptest.NewRequest("GET", path, nil)); w.Code != 503 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := NewServer(with(openNDJSON(t, t.TempDir())))
	event := `{"hwid":"h","event_name":"e","app_version":"1","metadata":{"event_id":"once"}}`
	post(s, event)
	post(s, event)
	post(s, "{")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{
		`collector_requests_total{code="201"} 2`, `collector_requests_total{code="400"} 1`,
		`collector_events_total{result="stored"} 1`, `collector_events_total{result="repeat"} 1`,
		"collector_store_seconds_count 2",
	} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("expected %s in\n%s", line, w.Body)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add([]byte(minimal))
	f.Add([]byte(`{"hwid":"h","event_name":"e","app_version":"1","metadata":{"event_id":"x","a":[1,null,"\u0000"]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := parseEvent(body)
		if err != nil {
			return
		}
		line, err := json.Marshal(r)
		if err != nil || strings.ContainsAny(string(line), "\n\x00") {
			t.Fatalf("%q became %q: %v", body, line, err)
		}
		if id := record.EventIDOf(r.Metadata); id != r.EventID {
			t.Errorf("event id %q read back as %q", r.EventID, id)
		}
	})
}
