package emit

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"
)

func TestPurgeLeavesNothing(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	if err := WriteConsent(r.Dir, Consent{Mode: ModeLocal, Given: testTime}); err != nil {
		t.Fatal(err)
	}
	if err := WriteExclusions(r.Dir, Exclusions{"acme"}); err != nil {
		t.Fatal(err)
	}
	first := mustRecord(t, r, Facts{LocalPath: "/x"})
	if err := os.Mkdir(filepath.Join(r.Dir.Telemetry(), purgedPrefix+"killed"), 0o700); err != nil {
		t.Fatal(err)
	}
	n, err := Purge(r.Dir)
	if err != nil || n != 1 {
		t.Fatalf("purged %d events: %v", n, err)
	}
	entries, err := os.ReadDir(r.Dir.Telemetry())
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if !slices.Equal(left, []string{consentFile, excludeFile}) {
		t.Errorf("left behind: %v", left)
	}
	if again := mustRecord(t, r, Facts{LocalPath: "/x"}); again.Event.HWID == first.Event.HWID {
		t.Error("the client id outlived the purge")
	}
	if n, err := Purge(NewDir(t.TempDir())); n != 0 || err != nil {
		t.Errorf("purge of nothing: %d, %v", n, err)
	}
}

// A writer that opened the data folder before a purge cannot put its event, which has the old client id, anywhere.
func TestPurgeAgainstAWriter(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	mustRecord(t, r, miniLM())
	root, err := r.Dir.openData(true)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	client, err := clientID(root, testTime, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Purge(r.Dir); err != nil {
		t.Fatal(err)
	}
	fresh := mustRecord(t, r, miniLM())
	_, _, err = put(root, DefaultLimits(), testTime, func(id uuid.UUID) Event {
		return r.event(miniLM(), Identity{ClientID: client, EventID: id})
	})
	if !isPurged(err) {
		t.Errorf("expected the write to fail, found %v", err)
	}
	checkIDs(t, r.Dir, []string{*fresh.Event.Metadata.EventID})
}
