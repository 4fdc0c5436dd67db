package emit

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
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
	endpoint, err := Endpoint(url, env())
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteConsent(r.Dir, Consent{Mode: ModeOn, Given: testTime, Endpoint: endpoint}); err != nil {
		t.Fatal(err)
	}
	r.Endpoint = endpoint
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
