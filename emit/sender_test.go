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
	"testing"
	"time"
)

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
		if err := WriteConsent(r.Dir, Consent{Mode: test.stored, Given: testTime, Endpoint: s.Endpoint}); err != nil {
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
	r, s := sendingTo(t, "http://"+deafAddress(t))
	mustRecord(t, r, miniLM())
	if result := mustSend(t, s); !strings.Contains(result.Stopped, "refused") || result.Left != 1 {
		t.Errorf("%+v", result)
	}
}

// deafAddress is an address where nobody listens, and nobody else can while the test runs: its port is that of an outgoing
// connection. A port that was merely closed again may be the next one that another test's server gets.
func deafAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	held, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() })
	return held.LocalAddr().String()
}
