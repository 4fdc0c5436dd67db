package collect

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// memory is a Store for tests of the server alone.
type memory struct {
	mu      sync.Mutex
	records []Record
	err     error
}

func (m *memory) Put(_ context.Context, r Record) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return false, m.err
	}
	m.records = append(m.records, r)
	return true, nil
}

func (m *memory) All(context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		m.mu.Lock()
		defer m.mu.Unlock()
		for _, r := range m.records {
			if !yield(r, nil) {
				return
			}
		}
		if m.err != nil {
			yield(Record{}, m.err)
		}
	}
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
		want       Record
	}{
		{"minimal", minimal, Record{HWID: "h", EventName: "e", AppVersion: "1", ClientType: "vector-inspector", Metadata: []byte(`{}`)}},
		{"nulls", `{"hwid":"h","event_name":"e","app_version":"1","client_type":null,"metadata":null}`,
			Record{HWID: "h", EventName: "e", AppVersion: "1", ClientType: "vector-inspector", Metadata: []byte(`{}`)}},
		{"unknown keys of metadata are kept, digit for digit", `{"hwid":"h","event_name":"e","app_version":"1","client_type":"probe","metadata":{"new":{"x":[1.10,1e3,12345678901234567890]},"event_id":"i"}}`,
			Record{HWID: "h", EventName: "e", AppVersion: "1", ClientType: "probe", EventID: "i", Metadata: []byte(`{"event_id":"i","new":{"x":[1.10,1e3,12345678901234567890]}}`)}},
		{"other keys are ignored", `{"hwid":"h","event_name":"e","app_version":"1","extra":{"deep":1}}`,
			Record{HWID: "h", EventName: "e", AppVersion: "1", ClientType: "vector-inspector", Metadata: []byte(`{}`)}},
		{"U+0000 and lone surrogates", `{"hwid":"h\u0000","event_name":"e","app_version":"1","metadata":{"a\u0000":"b\u0000\ud800"}}`,
			Record{HWID: "h\ufffd", EventName: "e", AppVersion: "1", ClientType: "vector-inspector", Metadata: []byte("{\"a\ufffd\":\"b\ufffd\ufffd\"}")}},
	} {
		store := &memory{}
		s := NewServer(Options{Store: store, Now: func() time.Time { return testTime }})
		w := post(s, test.body)
		if w.Code != http.StatusCreated || strings.TrimSpace(w.Body.String()) != `{"status":"success"}` {
			t.Errorf("%s: %d %s", test.name, w.Code, w.Body)
			continue
		}
		test.want.ReceivedAt = testTime
		if got, want := fmt.Sprintf("%+q", store.records[0]), fmt.Sprintf("%+q", test.want); got != want {
			t.Errorf("%s: stored\n%s\nwant\n%s", test.name, got, want)
		}
	}
}

func TestIngestRefuses(t *testing.T) {
	t.Parallel()
	s := NewServer(Options{Store: &memory{}, Key: "shared"})
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
		{"two objects", minimal + minimal, key, 400, "found more behind it"},
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
	s := NewServer(Options{Store: &memory{}})
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
	s := NewServer(Options{Store: &memory{err: errors.New("secret of the disk")}})
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

func TestRateLimit(t *testing.T) {
	t.Parallel()
	now := testTime
	s := NewServer(Options{Store: &memory{}, Rate: 0.5, Burst: 2, Now: func() time.Time { return now }})
	for i, want := range []int{201, 201, 429} {
		if w := post(s, minimal); w.Code != want {
			t.Errorf("request %d: %d", i, w.Code)
		}
	}
	if w := post(s, minimal); w.Header().Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	// Nobody escapes by writing X-Forwarded-For.
	if w := post(s, minimal, "X-Forwarded-For", "203.0.113.9"); w.Code != 429 {
		t.Errorf("with a made-up address: %d", w.Code)
	}
	now = now.Add(2 * time.Second)
	if w := post(s, minimal); w.Code != 201 {
		t.Errorf("after the wait: %d", w.Code)
	}
	now = now.Add(-time.Hour) // a clock set back does not block for an hour
	post(s, minimal)
	now = now.Add(2 * time.Second)
	if w := post(s, minimal); w.Code != 201 {
		t.Errorf("after the clock was set back: %d", w.Code)
	}
	l := newLimiter(1, 1, func() time.Time { return now })
	if ok, _ := l.allow(netip.MustParseAddr("2001:db8:1:2::1")); !ok {
		t.Error("first of a /64")
	}
	if ok, _ := l.allow(netip.MustParseAddr("2001:db8:1:2:ffff::1")); ok {
		t.Error("a /64 counts as one client")
	}
	for i := range maxBuckets + 10 {
		l.allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	if len(l.buckets) > maxBuckets {
		t.Errorf("%d buckets", len(l.buckets))
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	trusted, err := ParseProxies([]string{"10.0.0.0/8", "192.0.2.1", "2001:db8::/32"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		remote, forwarded, want string
	}{
		{"198.51.100.7:1", "", "198.51.100.7"},
		{"198.51.100.7:1", "203.0.113.9", "198.51.100.7"}, // not a proxy of ours
		{"10.1.1.1:1", "203.0.113.9", "203.0.113.9"},
		{"10.1.1.1:1", "1.1.1.1, 203.0.113.9", "203.0.113.9"},             // what the client wrote stands before
		{"10.1.1.1:1", "203.0.113.9, 192.0.2.1, 10.9.9.9", "203.0.113.9"}, // through three proxies
		{"10.1.1.1:1", "203.0.113.9:55", "203.0.113.9"},
		{"10.1.1.1:1", "garbage", "10.1.1.1"},
		{"10.1.1.1:1", "203.0.113.9, garbage", "10.1.1.1"},
		{"10.1.1.1:1", "10.2.2.2", "10.2.2.2"},
		{"[2001:db8::1]:1", "[2001:0db9::5]:80", "2001:db9::5"},
		{"[::ffff:198.51.100.7]:1", "", "198.51.100.7"},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = test.remote
		if test.forwarded != "" {
			r.Header.Set("X-Forwarded-For", test.forwarded)
		}
		if got := clientAddr(r, trusted).String(); got != test.want {
			t.Errorf("%s, forwarded for %q: %s, want %s", test.remote, test.forwarded, got, test.want)
		}
	}
	if _, err := ParseProxies([]string{"everyone"}); err == nil {
		t.Error("taken for a network")
	}
}

func TestIPModes(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string][2]string{
		"store":    {"198.51.100.7", "2001:db8:1:2:3::4"},
		"truncate": {"198.51.100.0", "2001:db8:1::"},
		"drop":     {"", ""},
	} {
		m, err := ParseIPMode(mode)
		if err != nil {
			t.Fatal(err)
		}
		got := [2]string{m.keep(netip.MustParseAddr("198.51.100.7")), m.keep(netip.MustParseAddr("2001:db8:1:2:3::4"))}
		if got != want {
			t.Errorf("%s: %v, want %v", mode, got, want)
		}
	}
	if _, err := ParseIPMode("sell"); err == nil {
		t.Error("taken for a mode")
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := NewServer(Options{Store: openNDJSON(t, t.TempDir())})
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

// Over TLS, and down gracefully: the request under way is answered.
func TestServeTLSAndShutdown(t *testing.T) {
	t.Parallel()
	certFile, keyFile, pool := certificate(t)
	entered, finish := make(chan struct{}), make(chan struct{})
	s := NewServer(Options{Store: &slow{entered: entered, finish: finish}})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener, certFile, keyFile, time.Minute) }()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	answered := make(chan int, 1)
	go func() {
		resp, err := client.Post("https://"+listener.Addr().String()+IngestPath, "application/json", strings.NewReader(minimal))
		if err != nil {
			t.Error(err)
			answered <- 0
			return
		}
		_ = resp.Body.Close()
		answered <- resp.StatusCode
	}()
	<-entered
	stop()
	close(finish)
	if code := <-answered; code != 201 {
		t.Errorf("the request under way got %d", code)
	}
	if err := <-served; err != nil {
		t.Errorf("shutdown: %v", err)
	}
}

// slow says when a record arrives, and stores it when told so.
type slow struct {
	memory
	entered, finish chan struct{}
}

func (s *slow) Put(ctx context.Context, r Record) (bool, error) {
	close(s.entered)
	<-s.finish
	return s.memory.Put(ctx, r)
}

func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(cert)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", keyDER), pool
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
		if id := eventIDOf(r.Metadata); id != r.EventID {
			t.Errorf("event id %q read back as %q", r.EventID, id)
		}
	})
}
