package emit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	if line := entry.Line(); line != "queued here, not sent: telemetry is local (probe telemetry)" {
		t.Errorf("line: %s", line)
	}
}

func TestRecordStates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Recorder)
		state  State
		line   string
	}{
		"off":          {func(r *Recorder) { r.Getenv = env("DO_NOT_TRACK", "1") }, StateOff, "nothing recorded: telemetry is off, DO_NOT_TRACK=1 (probe telemetry)"},
		"disabled":     {func(r *Recorder) { r.Disabled = true }, StateDisabled, "nothing recorded: --no-telemetry"},
		"excluded":     {func(r *Recorder) { _ = WriteExclusions(r.Dir, Exclusions{"sentence-transformers"}) }, StateExcluded, "nothing recorded: this model is excluded (probe telemetry exclude)"},
		"on":           {func(r *Recorder) { _ = WriteConsent(r.Dir, ModeOn, "0.1.0", testTime) }, StateQueued, "queued, to be sent: telemetry is on (probe telemetry)"},
		"no directory": {func(r *Recorder) { r.Dir = Dir{} }, StateFailed, "not recorded: the telemetry queue cannot be written (probe telemetry)"},
	} {
		r := recorder(t)
		test.change(&r)
		e := r.Record(miniLM())
		if e.State != test.state || e.Line() != test.line || len(e.Line()) > 80 {
			t.Errorf("%s: found %s, %q", name, e.State, e.Line())
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
		if e.Warning == "" || strings.Contains(e.Warning, "\n") || e.Event.Metadata.ModelName == "" {
			t.Errorf("%s: %s, warning %q", path, e.State, e.Warning)
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
	if e := r.Record(miniLM()); e.State != StateFailed || !strings.Contains(e.Warning, "PROBE_HOME") {
		t.Errorf("queue is a file: %s, %q", e.State, e.Warning)
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
		if said := strings.Contains(e.Warning, "oldest 1 event made room"); said != (i >= 3) {
			t.Errorf("event %d: warning %q", i, e.Warning)
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
		if want := testTime.Add(shift).Format(time.RFC3339); e.Event.Metadata.Timestamp != want {
			t.Errorf("timestamp %s, want what the clock said: %s", e.Event.Metadata.Timestamp, want)
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
	if id.Version() != 7 || id.Variant() != uuid.RFC4122 || !timeOf(id).Equal(testTime) {
		t.Errorf("%s: version %d, variant %s, time %s", id, id.Version(), id.Variant(), timeOf(id))
	}
	if sec, nsec := id.Time().UnixTime(); time.Unix(sec, nsec).Unix() != testTime.Unix() {
		t.Errorf("the uuid library reads the time %d.%d", sec, nsec)
	}
	end := uuid.MustParse("ffffffff-ffff-7fff-bfff-ffffffffffff")
	if id := newEventID(testTime, end); !timeOf(id).Equal(testTime) {
		t.Errorf("behind the end of time: %s", id)
	}
}

// Flipping any single byte of a queued file sets that file aside, and only that one.
func TestFlippedBytes(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	mustRecord(t, r, miniLM())
	mustRecord(t, r, miniLM())
	name := filepath.Join(r.Dir.data(), queueDir, queueFiles(t, r.Dir)[0])
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	root, err := r.Dir.openData(false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	queue, err := root.OpenRoot(queueDir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = queue.Close() }()
	for i := range good {
		bad := slices.Clone(good)
		bad[i] ^= 1 << (i % 8)
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readQueued(queue, filepath.Base(name)); err == nil {
			t.Fatalf("byte %d flipped, and the event was read", i)
		}
	}
	content := mustRead(t, r.Dir)
	if len(content.Events) != 1 || content.Damaged != 1 || len(queueFiles(t, r.Dir)) != 1 {
		t.Errorf("expected one event and one damaged, found %+v", content)
	}
	if aside, err := os.ReadFile(filepath.Join(r.Dir.data(), damagedDir, filepath.Base(name))); err != nil || len(aside) != len(good) {
		t.Errorf("the damaged file is kept: %v", err)
	}
}

func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	event := mustRecord(t, r, miniLM())
	queue := filepath.Join(r.Dir.data(), queueDir)
	data := event.Event.Bytes()
	id := uuid.MustParse(*event.Event.Metadata.EventID)
	for name, content := range map[string]string{
		"notes.txt": "a stray file",
		queueName(newEventID(testTime, id), data):               string(data), // event_id is not that of the name
		queueName(id, []byte("null\n")):                         "null\n",
		queueName(id, nil):                                      "",
		queueName(newEventID(testTime, uuid.Nil), []byte("{}")): strings.Repeat("x", MaxEventBytes+1),
		".hidden": "left alone",
	} {
		if err := os.WriteFile(filepath.Join(queue, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	content := mustRead(t, r.Dir)
	if len(content.Events) != 1 || content.Damaged != 5 {
		t.Errorf("expected 1 event and 5 damaged files, found %d and %d", len(content.Events), content.Damaged)
	}
	if again := mustRead(t, r.Dir); again.Damaged != 5 || len(again.Events) != 1 {
		t.Errorf("read again: %+v", again)
	}
}

// What a writer that died has left goes after an hour; what is being written stays.
func TestStaleTemps(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	mustRecord(t, r, miniLM())
	queue := filepath.Join(r.Dir.data(), queueDir)
	old := filepath.Join(queue, tempPrefix+queueName(newEventID(testTime.Add(-2*staleAfter), uuid.Nil), nil)+".x")
	fresh := filepath.Join(queue, tempPrefix+queueName(newEventID(testTime, uuid.Nil), nil)+".x")
	for _, name := range []string{old, fresh} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustRecord(t, r, miniLM())
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("stale file is still there: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("file being written is gone: %v", err)
	}
}

func TestDamagedIdentityIsMadeAnew(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	local := Facts{Origin: OriginLocal, LocalPath: "/models/mine"}
	first := mustRecord(t, r, local).Event
	same := mustRecord(t, r, local).Event
	if *first.Metadata.LocalPathHash != *same.Metadata.LocalPathHash {
		t.Error("one path, two hashes")
	}
	for _, name := range []string{clientIDFile, pathSecretFile} {
		path := filepath.Join(r.Dir.data(), name)
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
		if err := os.WriteFile(path, []byte("garbage"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	anew := mustRecord(t, r, local).Event
	if anew.HWID == first.HWID || *anew.Metadata.LocalPathHash == *first.Metadata.LocalPathHash {
		t.Errorf("identity was not made anew: %s", anew.Bytes())
	}
}

func TestPurgeLeavesNothing(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	if err := WriteConsent(r.Dir, ModeLocal, "0.1.0", testTime); err != nil {
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
	client, err := clientID(root)
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

func TestExclusions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern string
		facts   Facts
		want    bool
	}{
		{"acme", Facts{Model: "acme/model"}, true},
		{"ACME", Facts{Model: "Acme/model"}, true},
		{"acme", Facts{Model: "acme2/model"}, false},
		{"acme/*", Facts{Model: "acme/model"}, true},
		{"acme/private-*", Facts{Model: "acme/public"}, false},
		{"acme/private-?", Facts{Model: "acme/private-1"}, true},
		{"*", Facts{Model: "any/model"}, true},
		{"gpt2", Facts{Model: "gpt2"}, true},
		{"/work/secret", Facts{LocalPath: "/work/secret/model"}, true},
		{"/work/secret/", Facts{LocalPath: "/work/secret"}, true},
		{"/work/secret", Facts{LocalPath: "/work/secrets"}, false},
		{"/work/*/x", Facts{LocalPath: "/work/a/x/model.onnx"}, true},
		{"/", Facts{LocalPath: "/anything"}, true},
	} {
		list, err := Exclusions(nil).Add(test.pattern, test.pattern)
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %v, %v", test.pattern, list, err)
		}
		if got := list.Match(test.facts) != ""; got != test.want {
			t.Errorf("%s on %+v: %v", test.pattern, test.facts, got)
		}
	}
	for _, bad := range []string{"", " a", "a\nb", "a/b/c", "[", "# x"} {
		if _, err := Exclusions(nil).Add(bad); err == nil {
			t.Errorf("%q was taken for a pattern", bad)
		}
	}
	dir := NewDir(t.TempDir())
	if err := WriteExclusions(dir, Exclusions{"acme", "/x"}); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadExclusions(dir); err != nil || !slices.Equal(got, Exclusions{"acme", "/x"}) {
		t.Errorf("read back %v, %v", got, err)
	}
}
