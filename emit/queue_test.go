package emit

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

func queueFiles(t testing.TB, dir Dir) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir.data(), queueDir))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestRecordQueuesWhatTheReportShows(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	entry := mustRecord(t, r, miniLM())
	content := mustRead(t, r.Dir)
	if len(content.Events) != 1 || string(content.Events[0].Bytes) != string(entry.Event.Bytes()) {
		t.Fatalf("queue holds %+v, want %s", content, entry.Event.Bytes())
	}
	if id := entry.Event.Metadata.ClientID; id == nil || *id != entry.Event.HWID || uuid.Validate(*id) != nil {
		t.Errorf("client id: %v, hwid %s", id, entry.Event.HWID)
	}
	second := mustRecord(t, r, miniLM())
	if second.Event.HWID != entry.Event.HWID || *second.Event.Metadata.EventID == *entry.Event.Metadata.EventID {
		t.Errorf("the client id stays, the event id does not: %s and %s", entry.Event.Bytes(), second.Event.Bytes())
	}
}

func TestRecordStates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Recorder)
		state  State
	}{
		"off":      {func(r *Recorder) { r.Getenv = env("DO_NOT_TRACK", "1") }, StateOff},
		"disabled": {func(r *Recorder) { r.Disabled = true }, StateDisabled},
		"excluded": {func(r *Recorder) { _ = WriteExclusions(r.Dir, Exclusions{"sentence-transformers"}) }, StateExcluded},
		"on": {func(r *Recorder) {
			_ = WriteConsent(r.Dir, Consent{Mode: ModeOn, Given: testTime, Endpoint: testEndpoint})
		}, StateQueued},
		"no directory": {func(r *Recorder) { r.Dir = Dir{} }, StateFailed},
	} {
		r := recorder(t)
		test.change(&r)
		e := r.Record(miniLM())
		if e.State != test.state {
			t.Errorf("%s: found %s, %v", name, e.State, e.Notices)
		}
		if e.Event.Metadata.ModelName != "sentence-transformers/all-MiniLM-L6-v2" {
			t.Errorf("%s: the report lacks its metadata: %+v", name, e.Event.Metadata)
		}
		if recorded := len(queueFiles(t, r.Dir)) == 1; recorded != (test.state == StateQueued) {
			t.Errorf("%s: recorded: %v", name, recorded)
		}
		if (test.state == StateQueued) != (e.Event.Metadata.EventID != nil) {
			t.Errorf("%s: event id %v", name, e.Event.Metadata.EventID)
		}
	}
}

// Off means that not even a client id is made.
func TestOffLeavesNoTrace(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	r.Getenv = env("CI", "true")
	r.Record(Facts{LocalPath: "/models/x"})
	if entries, err := os.ReadDir(r.Dir.Path()); err != nil || len(entries) != 0 {
		t.Errorf("found %v, %v", entries, err)
	}
}

// A file stands where the folder should be: the nearest a test run by root gets to a folder it may not write.
func TestUnwritableFolderIsOneWarning(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below")} {
		r := recorder(t)
		r.Dir = NewDir(path)
		e := r.Record(miniLM())
		if len(e.Notices) != 1 || e.Notices[0].Err == nil || e.Event.Metadata.ModelName == "" {
			t.Errorf("%s: %s, notices %v", path, e.State, e.Notices)
		}
		if e.State != StateFailed && e.State != StateOff { // a consent that cannot be read counts as off
			t.Errorf("%s: state %s", path, e.State)
		}
	}
	r := recorder(t)
	if err := os.MkdirAll(r.Dir.data(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.Dir.data(), queueDir), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if e := r.Record(miniLM()); e.State != StateFailed || e.Notices[0].Code != NoticeNotRecorded {
		t.Errorf("queue is a file: %s, %v", e.State, e.Notices)
	}
}

func TestCapOnCount(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	r.Limits = Limits{Events: 3, Bytes: 1 << 20}
	var ids []string
	for i := range 5 {
		e := mustRecord(t, r, miniLM())
		ids = append(ids, *e.Event.Metadata.EventID)
		if said := len(e.Notices) == 1 && e.Notices[0].Code == NoticeQueueFull && e.Notices[0].Count == 1; said != (i >= 3) {
			t.Errorf("event %d: notices %v", i, e.Notices)
		}
	}
	checkIDs(t, r.Dir, ids[2:])
}

func TestCapOnBytes(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	size := int64(len(mustRecord(t, r, miniLM()).Event.Bytes()))
	r.Limits = Limits{Events: 1000, Bytes: 3*size + size/2}
	for range 6 {
		mustRecord(t, r, miniLM())
	}
	if n := len(queueFiles(t, r.Dir)); n != 3 {
		t.Errorf("%d events of %d bytes within %d bytes", n, size, r.Limits.Bytes)
	}
}

func checkIDs(t *testing.T, dir Dir, want []string) {
	t.Helper()
	var got []string
	for _, q := range mustRead(t, dir).Events {
		got = append(got, *q.Event.Metadata.EventID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("queue holds\n%v\nwant\n%v", got, want)
	}
}

// A clock that jumps back or far ahead changes neither the order nor which event is the oldest.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	r.Limits = Limits{Events: 4, Bytes: 1 << 20}
	var ids []string
	for _, shift := range []time.Duration{0, 0, -50 * 365 * 24 * time.Hour, 70 * 365 * 24 * time.Hour, 0, -time.Millisecond} {
		r.Now = func() time.Time { return testTime.Add(shift) }
		e := mustRecord(t, r, miniLM())
		ids = append(ids, *e.Event.Metadata.EventID)
		if want := testTime.Add(shift).Format(time.DateOnly) + "T00:00:00Z"; e.Event.Metadata.Timestamp != want {
			t.Errorf("timestamp %s, want the day of the clock: %s", e.Event.Metadata.Timestamp, want)
		}
	}
	if !slices.IsSorted(ids) {
		t.Errorf("ids out of order: %v", ids)
	}
	checkIDs(t, r.Dir, ids[2:])
}

func TestEventID(t *testing.T) {
	t.Parallel()
	id := newEventID(testTime, uuid.Nil)
	if id.Version() != 7 || id.Variant() != uuid.RFC4122 || !timeOf(id).Equal(dayOf(testTime)) {
		t.Errorf("%s: version %d, variant %s, time %s", id, id.Version(), id.Variant(), timeOf(id))
	}
	if sec, nsec := id.Time().UnixTime(); time.Unix(sec, nsec).Unix() != dayOf(testTime).Unix() {
		t.Errorf("the uuid library reads the time %d.%d", sec, nsec)
	}
	end := uuid.MustParse("ffffffff-ffff-7fff-bfff-ffffffffffff")
	if id := newEventID(testTime, end); !timeOf(id).Equal(dayOf(testTime)) {
		t.Errorf("behind the end of time: %s", id)
	}
}
