package emit

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// inbox is a server that keeps what it stored, and answers as it is told.
type inbox struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	answer func(n int, w http.ResponseWriter, r *http.Request) bool // true: stored; n counts requests from 0
	seen   int
}

func newInbox(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request) bool) *inbox {
	t.Helper()
	in := &inbox{answer: answer}
	in.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.URL.Path != "/api/v1/telemetry" {
			t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
		in.mu.Lock()
		n := in.seen
		in.seen++
		in.mu.Unlock()
		if in.answer == nil || in.answer(n, w, r) {
			in.mu.Lock()
			in.bodies = append(in.bodies, string(body))
			in.mu.Unlock()
			w.WriteHeader(http.StatusCreated)
		}
	}))
	t.Cleanup(in.Close)
	return in
}

func (in *inbox) stored() []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.bodies)
}

// sendingTo gives a recorder whose telemetry is on, and a sender of its queue.
func sendingTo(t *testing.T, url string) (Recorder, Sender) {
	t.Helper()
	r := recorder(t)
	if err := WriteConsent(r.Dir, ModeOn, "0.1.0", testTime); err != nil {
		t.Fatal(err)
	}
	endpoint, err := Endpoint(url, env())
	if err != nil {
		t.Fatal(err)
	}
	return r, Sender{
		Dir: r.Dir, Getenv: env(), Now: r.Now, AppVersion: "0.1.0", Endpoint: endpoint,
		Transport: &http.Transport{}, Jitter: func() float64 { return 0.5 },
	}
}

func mustSend(t *testing.T, s Sender) SendResult {
	t.Helper()
	result, err := s.Send(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestSendInOrderExactBytes(t *testing.T) {
	t.Parallel()
	var headers http.Header
	in := newInbox(t, func(_ int, _ http.ResponseWriter, r *http.Request) bool { headers = r.Header; return true })
	r, s := sendingTo(t, in.URL)
	var want []string
	for range 3 {
		want = append(want, string(mustRecord(t, r, miniLM()).Event.Bytes()))
	}
	if result := mustSend(t, s); result != (SendResult{Sent: 3}) {
		t.Errorf("result %+v", result)
	}
	if got := in.stored(); !slices.Equal(got, want) {
		t.Errorf("stored %v\nwant %v", got, want)
	}
	if content := mustRead(t, r.Dir); len(content.Events) != 0 {
		t.Errorf("still queued: %v", content.Events)
	}
	log, err := ReadSentLog(r.Dir)
	if err != nil || len(log) != 3 || string(log[2].Event) != strings.TrimSpace(want[2]) || log[2].Status != 201 {
		t.Errorf("log %+v, %v", log, err)
	}
	headers.Del("Accept-Encoding")
	headers.Del("Content-Length")
	if len(headers) != 3 || headers.Get("User-Agent") != "probe/0.1.0" || headers.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", headers)
	}
}

// Nothing is sent without consent, whatever asks for it.
func TestNothingIsSentWithoutConsent(t *testing.T) {
	t.Parallel()
	in := newInbox(t, nil)
	r, s := sendingTo(t, in.URL)
	mustRecord(t, r, miniLM())
	for name, test := range map[string]struct {
		stored Mode
		env    func(string) string
	}{
		"local":                          {ModeLocal, env()},
		"off":                            {ModeOff, env()},
		"local, PROBE_TELEMETRY=on":      {ModeLocal, env("PROBE_TELEMETRY", "on")},
		"on, DO_NOT_TRACK":               {ModeOn, env("DO_NOT_TRACK", "1")},
		"on, CI":                         {ModeOn, env("CI", "true")},
		"on, PROBE_TELEMETRY=local":      {ModeOn, env("PROBE_TELEMETRY", "local")},
		"on, PROBE_TELEMETRY is garbage": {ModeOn, env("PROBE_TELEMETRY", "x")},
	} {
		if err := WriteConsent(r.Dir, test.stored, "0.1.0", testTime); err != nil {
			t.Fatal(err)
		}
		s.Getenv = test.env
		if _, err := s.Send(context.Background()); !errors.Is(err, ErrNotOn) {
			t.Errorf("%s: %v", name, err)
		}
		s.SendAfterProbe(context.Background(), time.Minute)
	}
	if err := os.Remove(filepath.Join(r.Dir.Telemetry(), consentFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(context.Background()); !errors.Is(err, ErrNotOn) {
		t.Errorf("undecided: %v", err)
	}
	if in.seen != 0 {
		t.Errorf("%d requests were made", in.seen)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	status := func(code int, header ...string) func(int, http.ResponseWriter, *http.Request) bool {
		return func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n > 0 {
				return true
			}
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			return false
		}
	}
	hijack := func(text string) func(int, http.ResponseWriter, *http.Request) bool {
		return func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, text)
				_ = conn.Close()
			}
			return false
		}
	}
	for name, test := range map[string]struct {
		answer func(int, http.ResponseWriter, *http.Request) bool
		want   SendResult // Stopped holds a part of it
		wait   time.Duration
	}{
		"500":                  {status(500), SendResult{Left: 2, Stopped: "500"}, 45 * time.Second},
		"503 with Retry-After": {status(503, "Retry-After", "3600"), SendResult{Left: 2, Stopped: "503"}, time.Hour},
		"429 with a date":      {status(429, "Retry-After", testTime.Add(2*time.Hour).Format(http.TimeFormat)), SendResult{Left: 2, Stopped: "429"}, 2 * time.Hour},
		"429 without":          {status(429), SendResult{Left: 2, Stopped: "429"}, 45 * time.Second},
		"429 with nonsense":    {status(429, "Retry-After", "soon"), SendResult{Left: 2, Stopped: "429"}, 45 * time.Second},
		"429 for ever":         {status(429, "Retry-After", "999999999"), SendResult{Left: 2, Stopped: "429"}, maxRetryAfter},
		"408":                  {status(408), SendResult{Left: 2, Stopped: "408"}, 45 * time.Second},
		"redirect":             {status(302, "Location", "http://example.com/"), SendResult{Left: 2, Stopped: "302"}, 45 * time.Second},
		"202 is no receipt":    {status(202), SendResult{Left: 2, Stopped: "202"}, 45 * time.Second},
		"400 is set aside":     {status(400), SendResult{Sent: 1, Refused: 1}, 0},
		"413 is set aside":     {status(413), SendResult{Sent: 1, Refused: 1}, 0},
		"200 will do":          {status(200), SendResult{Sent: 2}, 0},
		"cut connection":       {hijack(""), SendResult{Left: 2, Stopped: "EOF"}, 45 * time.Second},
		"garbage":              {hijack("\x00\xffhello\r\n\r\n"), SendResult{Left: 2, Stopped: "malformed"}, 45 * time.Second},
		"cut in the answer":    {hijack("HTTP/1.1 500 Err\r\nContent-Length: 99\r\n\r\nx"), SendResult{Left: 2, Stopped: "500"}, 45 * time.Second},
	} {
		in := newInbox(t, test.answer)
		r, s := sendingTo(t, in.URL)
		s.Now = func() time.Time { return testTime }
		mustRecord(t, r, miniLM())
		mustRecord(t, r, miniLM())
		got := mustSend(t, s)
		if !strings.Contains(got.Stopped, test.want.Stopped) || (test.want.Stopped == "") != (got.Stopped == "") {
			t.Errorf("%s: stopped because %q", name, got.Stopped)
		}
		got.Stopped = test.want.Stopped
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
		content := mustRead(t, r.Dir)
		if len(content.Events) != test.want.Left || content.Rejected != test.want.Refused {
			t.Errorf("%s: %d queued, %d set aside", name, len(content.Events), content.Rejected)
		}
		state, err := ReadSendState(r.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if wait := state.NotBefore.Sub(testTime); test.wait != 0 && (wait != test.wait || state.Failures != 1) {
			t.Errorf("%s: waits %v after %d failures, want %v", name, wait, state.Failures, test.wait)
		}
		if test.wait == 0 && !state.LastBatch.Equal(testTime) {
			t.Errorf("%s: last batch %v", name, state.LastBatch)
		}
	}
}

// The wait doubles from failure to failure, lives across senders, and ends with a success.
func TestBackoff(t *testing.T) {
	t.Parallel()
	broken := true
	in := newInbox(t, func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		if broken {
			w.WriteHeader(500)
		}
		return !broken
	})
	r, s := sendingTo(t, in.URL)
	mustRecord(t, r, miniLM())
	now := testTime
	s.Now = func() time.Time { return now }
	after := func() SendResult { return s.SendAfterProbe(context.Background(), time.Minute) }
	for _, want := range []time.Duration{45 * time.Second, 90 * time.Second, 3 * time.Minute, 6 * time.Minute} {
		after()
		state, err := ReadSendState(r.Dir)
		if err != nil || state.NotBefore.Sub(now) != want {
			t.Fatalf("waits %v, want %v (%v)", state.NotBefore.Sub(now), want, err)
		}
		seen := in.seen
		now = now.Add(want - time.Second)
		if result := after(); !strings.HasPrefix(result.Stopped, "waiting until") || in.seen != seen {
			t.Fatalf("too early an attempt: %+v", result)
		}
		now = now.Add(time.Second)
	}
	broken = false
	if result := after(); result.Sent != 1 {
		t.Fatalf("after the repair: %+v", result)
	}
	// A batch a day.
	mustRecord(t, r, miniLM())
	now = now.Add(23 * time.Hour)
	if result := after(); result.Sent != 0 {
		t.Errorf("sent before a day was over: %+v", result)
	}
	now = now.Add(time.Hour)
	if result := after(); result.Sent != 1 {
		t.Errorf("not sent after a day: %+v", result)
	}
	if state := (SendState{Failures: 500}).failed(testTime, "", 0, 0.99); state.NotBefore.Sub(testTime) > maxBackoff {
		t.Errorf("after 500 failures: waits %v", state.NotBefore.Sub(testTime))
	}
}

// `probe telemetry send` heeds the server's own wish to wait, but not probe's.
func TestAskedSend(t *testing.T) {
	t.Parallel()
	header := ""
	in := newInbox(t, func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		if header != "" {
			w.Header().Set("Retry-After", header)
		}
		w.WriteHeader(503)
		return false
	})
	r, s := sendingTo(t, in.URL)
	s.Now = func() time.Time { return testTime }
	mustRecord(t, r, miniLM())
	mustSend(t, s)
	header = "7200"
	if mustSend(t, s); in.seen != 2 {
		t.Fatalf("%d requests, want a second one", in.seen)
	}
	if result := mustSend(t, s); in.seen != 2 || !strings.Contains(result.Stopped, "waiting until 2026-11-23T12:00:00Z") {
		t.Errorf("%d requests, %+v", in.seen, result)
	}
	// The clock jumped: a wait that cannot be is none.
	s.Now = func() time.Time { return testTime.AddDate(-10, 0, 0) }
	if mustSend(t, s); in.seen != 3 {
		t.Errorf("%d requests: the clock that was set back blocks the sender", in.seen)
	}
}

// A server that refuses everything does not get the whole queue to refuse.
func TestRefusingServer(t *testing.T) {
	t.Parallel()
	refuse := true
	in := newInbox(t, func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		if refuse {
			w.WriteHeader(401)
		}
		return !refuse
	})
	r, s := sendingTo(t, in.URL)
	for range 5 {
		mustRecord(t, r, miniLM())
	}
	if result := mustSend(t, s); result.Refused != 3 || result.Left != 2 || !strings.Contains(result.Stopped, "401") {
		t.Errorf("%+v", result)
	}
	refuse = false
	if n, err := Requeue(r.Dir); n != 3 || err != nil {
		t.Errorf("requeued %d: %v", n, err)
	}
	if result := mustSend(t, s); result.Sent != 5 {
		t.Errorf("after requeueing: %+v", result)
	}
}

// Turning telemetry off, or purging, while a POST hangs ends it at once.
func TestEndedUnderWay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		act    func(Dir) error
		reason string
		left   int
	}{
		"off":   {func(d Dir) error { return WriteConsent(d, ModeOff, "0.1.0", testTime) }, "turned off", 2},
		"local": {func(d Dir) error { return WriteConsent(d, ModeLocal, "0.1.0", testTime) }, "turned off", 2},
		"purge": {func(d Dir) error { _, err := Purge(d); return err }, "purged", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hanging := make(chan struct{})
			in := newInbox(t, func(_ int, _ http.ResponseWriter, r *http.Request) bool {
				close(hanging) // a second request would panic
				<-r.Context().Done()
				return false
			})
			r, s := sendingTo(t, in.URL)
			mustRecord(t, r, miniLM())
			mustRecord(t, r, miniLM())
			acted := make(chan error, 1)
			go func() { <-hanging; acted <- test.act(r.Dir) }()
			result := mustSend(t, s)
			if err := <-acted; err != nil || !strings.Contains(result.Stopped, test.reason) || result.Sent != 0 {
				t.Errorf("%+v, %v", result, err)
			}
			if left := len(queueFiles(t, r.Dir)); left != test.left {
				t.Errorf("%d events left", left)
			}
			if _, err := os.Stat(r.Dir.data()); test.left == 0 && !os.IsNotExist(err) {
				t.Errorf("the purged folder came back: %v", err)
			}
		})
	}
}

// The budget holds against a server that never answers, and the event stays.
func TestBudgetAfterProbe(t *testing.T) {
	t.Parallel()
	in := newInbox(t, func(_ int, _ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return false })
	r, s := sendingTo(t, in.URL)
	mustRecord(t, r, miniLM())
	result := s.SendAfterProbe(context.Background(), time.Millisecond)
	if result.Sent != 0 || !strings.Contains(result.Stopped, "no more time") && !strings.Contains(result.Stopped, "deadline") {
		t.Errorf("%+v", result)
	}
	if state, err := ReadSendState(r.Dir); err != nil || state.Failures != 1 || len(queueFiles(t, r.Dir)) != 1 {
		t.Errorf("%+v, %v", state, err)
	}
}

func TestOneSenderAtATime(t *testing.T) {
	t.Parallel()
	in := newInbox(t, nil)
	r, s := sendingTo(t, in.URL)
	mustRecord(t, r, miniLM())
	lock := flock.New(filepath.Join(r.Dir.Telemetry(), "sender.lock"))
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, err := s.Send(context.Background()); !errors.Is(err, ErrBusy) {
		t.Errorf("found %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if result := mustSend(t, s); result.Sent != 1 {
		t.Errorf("%+v", result)
	}
}

// The crash between the note and the removal: the note is heeded. The crash in the middle of the note: sent again.
func TestRecovery(t *testing.T) {
	t.Parallel()
	in := newInbox(t, nil)
	r, s := sendingTo(t, in.URL)
	first := mustRecord(t, r, miniLM()).Event
	second := mustRecord(t, r, miniLM()).Event
	root, err := r.Dir.openData(false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	if err := appendSent(root, Sent{testTime, s.Endpoint, 201, *first.Metadata.EventID, first.Bytes()}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.Dir.data(), sentLogFile)
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	torn := append(slices.Clone(log), log[:len(log)/2]...)
	if err := os.WriteFile(path, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	if result := mustSend(t, s); result.Sent != 1 || !slices.Equal(in.stored(), []string{string(second.Bytes())}) {
		t.Errorf("%+v, stored %v", result, in.stored())
	}
	if all, err := ReadSentLog(r.Dir); err != nil || len(all) != 2 || all[1].EventID != *second.Metadata.EventID {
		t.Errorf("log %+v, %v", all, err)
	}
}

func TestSenderSetsDamagedAside(t *testing.T) {
	t.Parallel()
	in := newInbox(t, nil)
	r, s := sendingTo(t, in.URL)
	mustRecord(t, r, miniLM())
	mustRecord(t, r, Facts{Origin: OriginHub, Model: "acme/secret"})
	mustRecord(t, r, miniLM())
	path := filepath.Join(r.Dir.data(), queueDir, queueFiles(t, r.Dir)[0])
	if err := os.WriteFile(path, []byte(`{"hwid":"changed"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteExclusions(r.Dir, Exclusions{"acme"}); err != nil {
		t.Fatal(err)
	}
	if result := mustSend(t, s); result != (SendResult{Sent: 1, Damaged: 1, Excluded: 1}) || len(in.stored()) != 1 {
		t.Errorf("%+v, stored %v", result, in.stored())
	}
}

// A certificate that nobody vouches for is not spoken to.
func TestCertificateIsVerified(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached") }))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	r, s := sendingTo(t, server.URL)
	s.Transport = nil
	mustRecord(t, r, miniLM())
	if result := mustSend(t, s); !strings.Contains(result.Stopped, "certificate") || result.Left != 1 {
		t.Errorf("%+v", result)
	}
	s.Transport = server.Client().Transport
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201) })
	if result := mustSend(t, s); result.Sent != 1 {
		t.Errorf("with the certificate known: %+v", result)
	}
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	r, s := sendingTo(t, "http://"+listener.Addr().String())
	mustRecord(t, r, miniLM())
	if result := mustSend(t, s); !strings.Contains(result.Stopped, "refused") || result.Left != 1 {
		t.Errorf("%+v", result)
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"":                                "https://api.divinedevops.com/api/v1/telemetry",
		"https://example.com/":            "https://example.com/api/v1/telemetry",
		"https://example.com/base":        "https://example.com/base/api/v1/telemetry",
		"http://127.0.0.1:8080":           "http://127.0.0.1:8080/api/v1/telemetry",
		"http://localhost":                "http://localhost/api/v1/telemetry",
		"http://[::1]:80":                 "http://[::1]:80/api/v1/telemetry",
		"http://example.com":              "",
		"http://127.0.0.1.example.com":    "",
		"http://localhost.example.com":    "",
		"https://user:pw@example.com":     "",
		"https://example.com/?token=abcd": "",
		"ftp://example.com":               "",
		"example.com":                     "",
		"https://":                        "",
		"http://10.0.0.1":                 "",
		"https://exa mple.com":            "",
		"mailto:x@example.com":            "",
	} {
		got, err := Endpoint(base, env())
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: found %q, %v", base, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), "pw") || strings.Contains(err.Error(), "abcd")) {
			t.Errorf("%q: the error gives a secret away: %v", base, err)
		}
		if fromEnv, _ := Endpoint("", env("PROBE_TELEMETRY_ENDPOINT", base)); fromEnv != got {
			t.Errorf("%q from the environment: %q", base, fromEnv)
		}
	}
}
