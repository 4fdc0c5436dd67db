package emit

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// Turning telemetry off, or purging, while a POST hangs ends it at once.
func TestEndedUnderWay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		act    func(Dir) error
		reason string
		left   int
	}{
		"off":   {func(d Dir) error { return WriteConsent(d, Consent{Mode: ModeOff, Given: testTime}) }, "turned off", 2},
		"local": {func(d Dir) error { return WriteConsent(d, Consent{Mode: ModeLocal, Given: testTime}) }, "turned off", 2},
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
	if err := WriteInclusions(r.Dir, Inclusions{"acme"}); err != nil {
		t.Fatal(err)
	}
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
