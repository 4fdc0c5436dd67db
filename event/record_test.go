package event

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/probe"
)

func noEnv(string) string { return "" }

func TestRecordFillsTheReport(t *testing.T) {
	t.Parallel()
	for _, disabled := range []bool{false, true} {
		dir := emit.NewDir(t.TempDir())
		r := miniLM()
		entry := Record(r, r.Name, Options{Dir: dir, Getenv: noEnv, Disabled: disabled})
		if !reflect.DeepEqual(r.Metadata, entry.Event.Metadata) || entry.Event.AppVersion != probe.Version {
			t.Errorf("the report's metadata: %+v, the event's: %+v", r.Metadata, entry.Event)
		}
		content, err := emit.ReadQueue(dir)
		if err != nil || (len(content.Events) == 1) == disabled {
			t.Errorf("disabled %v: %d queued, %v", disabled, len(content.Events), err)
		}
	}
}

// After a probe events are sent if the user has turned sending on, and to nobody otherwise.
func TestSend(t *testing.T) {
	t.Parallel()
	for mode, want := range map[emit.Mode]int32{emit.ModeOn: 1, emit.ModeLocal: 0} {
		var requests atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.WriteHeader(http.StatusCreated)
		}))
		defer server.Close()
		o := Options{Dir: emit.NewDir(t.TempDir()), Getenv: noEnv, Endpoint: server.URL}
		if err := emit.WriteConsent(o.Dir, emit.Consent{Mode: mode, Endpoint: server.URL + "/api/v1/telemetry"}); err != nil {
			t.Fatal(err)
		}
		send(Record(miniLM(), "x", o), o, time.Minute)
		if got := requests.Load(); got != want {
			t.Errorf("%s: %d requests, want %d", mode, got, want)
		}
	}
}

// Consent to one endpoint is none to another, whoever names it.
func TestSendToAnotherEndpoint(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	defer server.Close()
	dir := emit.NewDir(t.TempDir())
	if err := emit.WriteConsent(dir, emit.Consent{Mode: emit.ModeOn, Endpoint: "https://example.com/api/v1/telemetry"}); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Options{
		"option":      {Dir: dir, Getenv: noEnv, Endpoint: server.URL},
		"environment": {Dir: dir, Getenv: func(name string) string { return map[string]string{"PROBE_TELEMETRY_ENDPOINT": server.URL}[name] }},
	} {
		entry := Record(miniLM(), "x", o)
		send(entry, o, time.Minute)
		if entry.State != emit.StateQueued || entry.Decision.Mode != emit.ModeLocal || len(entry.Notices) != 1 {
			t.Errorf("%s: %s, %s, %v", name, entry.State, entry.Decision.Mode, entry.Notices)
		}
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestCheckNamesTheField(t *testing.T) {
	t.Parallel()
	for field, o := range map[string]Options{
		"ClientType": {ClientType: "Not A Program"}, "Endpoint": {Endpoint: "http://example.com", Getenv: noEnv},
	} {
		var wrong *FieldError
		if err := o.Check(); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: found %v", field, err)
		}
	}
	if err := (Options{}).Check(); err != nil {
		t.Errorf("the zero Options: %v", err)
	}
}
