package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/internal/testenv"
)

var testTime = time.Date(2026, 11, 23, 10, 0, 0, 123456000, time.UTC)

func record(hwid, eventID string) Record {
	metadata := fmt.Sprintf(`{"event_id":%q,"model_name":"org/name","nested":{"kept":[1,2.50,"<&>"]}}`, eventID)
	if eventID == "" {
		metadata = `{"a":1}`
	}
	return Record{
		ReceivedAt: testTime, IP: "192.0.2.1", HWID: hwid, EventName: "model_registration", AppVersion: "0.1.0",
		ClientType: "probe", Metadata: json.RawMessage(metadata), EventID: eventID,
	}
}

func all(t testing.TB, s Store) []Record {
	t.Helper()
	var out []Record
	for r, err := range s.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func mustPut(t testing.TB, s Store, r Record, want bool) {
	t.Helper()
	if stored, err := s.Put(context.Background(), r); err != nil || stored != want {
		t.Fatalf("put %s: stored %v (want %v), %v", r.EventID, stored, want, err)
	}
}

func openNDJSON(t testing.TB, folder string) *NDJSON {
	t.Helper()
	s, err := OpenNDJSON(folder, DefaultSegmentBytes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Both stores pass the same tests. open opens the same storage again.
func testStore(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	if err := s.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	a, b, anonymous := record("client-1", "id-1"), record("client-2", "id-2"), record("client-3", "")
	mustPut(t, s, a, true)
	mustPut(t, s, b, true)
	mustPut(t, s, a, false)
	mustPut(t, s, anonymous, true)
	mustPut(t, s, anonymous, true) // without an id repeats cannot be told
	noIP := record("client-4", "id-4")
	noIP.IP = ""
	mustPut(t, s, noIP, true)
	want := []Record{a, b, anonymous, anonymous, noIP}
	same := cmp.Comparer(func(a, b json.RawMessage) bool { return canonical(t, a) == canonical(t, b) })
	if diff := cmp.Diff(want, all(t, s), same); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}

	// Many at once, each sent twice: each is stored once.
	const clients, each = 32, 20
	var wait sync.WaitGroup
	var mu sync.Mutex
	stored := 0
	for c := range clients {
		wait.Go(func() {
			for i := range each {
				ok, err := s.Put(context.Background(), record("many", fmt.Sprintf("many-%d", (c/2)*each+i)))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				if ok {
					stored++
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if stored != clients*each/2 {
		t.Errorf("%d stored, want %d", stored, clients*each/2)
	}
	if n := len(all(t, s)); n != len(want)+stored {
		t.Errorf("%d records, want %d", n, len(want)+stored)
	}

	// Closed and opened again, it has everything and still knows the ids.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(context.Background(), record("late", "late")); err == nil {
		t.Error("a closed store took a record")
	}
	s = open(t)
	mustPut(t, s, a, false)
	mustPut(t, s, record("many", "many-0"), false)
	mustPut(t, s, record("client-5", "id-5"), true)
	if n := len(all(t, s)); n != len(want)+stored+1 {
		t.Errorf("after opening again: %d records, want %d", n, len(want)+stored+1)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if err := func() error {
		for _, err := range s.All(canceled) {
			return err
		}
		return nil
	}(); err == nil {
		t.Error("reading went on after its context ended")
	}
}

func canonical(t testing.TB, data json.RawMessage) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestNDJSON(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "store")
	testStore(t, func(t *testing.T) Store { return openNDJSON(t, folder) })
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	testStore(t, func(t *testing.T) Store {
		s, err := OpenPostgres(context.Background(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	})
	t.Run("what it refuses does not take others along", func(t *testing.T) {
		s, err := OpenPostgres(context.Background(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		bad := record("bad", "bad")
		bad.Metadata = json.RawMessage(`{"x":"\u0000"}`)
		got := s.commit([]Record{record("good", "good-1"), bad, record("good", "good-2")})
		if !got[0].stored || got[1].err == nil || !got[2].stored {
			t.Errorf("outcomes %+v", got)
		}
	})
	t.Run("a newer database is left alone", func(t *testing.T) {
		s, err := OpenPostgres(context.Background(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		if _, err := s.pool.Exec(context.Background(), "insert into collector_migrations (version) values (99)"); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenPostgres(context.Background(), dsn); err == nil || !strings.Contains(err.Error(), "newer collector") {
			t.Errorf("found %v", err)
		}
	})
	if _, err := OpenPostgres(context.Background(), "postgres://user:secret@host:notaport/"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("bad connection string: %v", err)
	}
}

func TestNDJSONRotates(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s, err := OpenNDJSON(folder, 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for i := range 20 {
		mustPut(t, s, record("c", fmt.Sprintf("id-%d", i)), true)
	}
	numbers, err := segments(folder)
	if err != nil || len(numbers) < 4 {
		t.Fatalf("segments %v, %v", numbers, err)
	}
	for _, number := range numbers {
		if info, err := os.Stat(s.segment(number)); err != nil || info.Size() > 1000 {
			t.Errorf("segment %d: %d bytes, %v", number, info.Size(), err)
		}
	}
	if got := all(t, s); len(got) != 20 || got[19].EventID != "id-19" {
		t.Errorf("%d records over the segments", len(got))
	}
	// An old segment may be archived while the collector runs.
	if err := os.Remove(s.segment(1)); err != nil {
		t.Fatal(err)
	}
	if n := len(all(t, s)); n == 0 || n == 20 {
		t.Errorf("%d records after the first segment went", n)
	}
}

// Whatever a crash leaves of the last line goes; whole lines stay. Tried at every length.
func TestNDJSONTornLine(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := openNDJSON(t, folder)
	mustPut(t, s, record("c", "id-1"), true)
	mustPut(t, s, record("c", "id-2"), true)
	path := s.segment(1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	firstLine := strings.IndexByte(string(whole), '\n') + 1
	for cut := range len(whole) + 1 {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s := openNDJSON(t, folder)
		want := 0
		if cut >= firstLine {
			want++
		}
		if cut == len(whole) {
			want++
		}
		if got := all(t, s); len(got) != want {
			t.Fatalf("cut at %d of %d: %d records, want %d", cut, len(whole), len(got), want)
		}
		mustPut(t, s, record("c", "id-1"), want == 0)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNDJSONIsOpenedOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	openNDJSON(t, folder)
	if _, err := OpenNDJSON(folder, DefaultSegmentBytes); err == nil || !strings.Contains(err.Error(), "another collector") {
		t.Errorf("found %v", err)
	}
}

// After a failed write nothing is acknowledged any more, and the next start reads what is there.
func TestNDJSONBroken(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := openNDJSON(t, folder)
	mustPut(t, s, record("c", "id-1"), true)
	if err := s.file.Close(); err != nil { // the disk is gone
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.Put(context.Background(), record("c", "id-2")); err == nil || !errors.Is(err, os.ErrClosed) {
			t.Errorf("acknowledged: %v", err)
		}
	}
	if err := s.Ready(context.Background()); err == nil {
		t.Error("it calls itself ready")
	}
	_ = s.Close()
	again := openNDJSON(t, folder)
	mustPut(t, again, record("c", "id-2"), true)
	if n := len(all(t, again)); n != 2 {
		t.Errorf("%d records", n)
	}
}
