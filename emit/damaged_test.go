package emit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/wholefile"
	"github.com/google/uuid"
)

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

// What a writer that died has left goes after a day; what is being written stays.
func TestStaleTemps(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	mustRecord(t, r, miniLM())
	queue := filepath.Join(r.Dir.data(), queueDir)
	old := filepath.Join(queue, wholefile.TempPrefix+queueName(newEventID(testTime.Add(-2*staleAfter), uuid.Nil), nil)+".x")
	fresh := filepath.Join(queue, wholefile.TempPrefix+queueName(newEventID(testTime, uuid.Nil), nil)+".x")
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
	for _, name := range []string{clientIDFile + ".2026-11", pathSecretFile + ".2026-11"} {
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
