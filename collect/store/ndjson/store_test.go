package ndjson

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/collect/store/storetest"
)

func open(t testing.TB, folder string) *Store {
	t.Helper()
	s, err := Open(folder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "store")
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, folder) })
}

func TestRotates(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s, err := Open(folder, Options{SegmentBytes: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for i := range 20 {
		storetest.MustPut(t, s, storetest.Event("c", fmt.Sprintf("id-%d", i)), true)
	}
	numbers, err := segments(folder)
	if err != nil || len(numbers) < 4 {
		t.Fatalf("segments %v, %v", numbers, err)
	}
	for _, number := range numbers {
		if info, err := os.Stat(segmentPath(folder, number)); err != nil || info.Size() > 1000 {
			t.Errorf("segment %d: %d bytes, %v", number, info.Size(), err)
		}
	}
	if got := storetest.All(t, s); len(got) != 20 || got[19].EventID != "id-19" {
		t.Errorf("%d records over the segments", len(got))
	}
	// An old segment may be archived while the collector runs.
	if err := os.Remove(segmentPath(folder, 1)); err != nil {
		t.Fatal(err)
	}
	if n := len(storetest.All(t, s)); n == 0 || n == 20 {
		t.Errorf("%d records after the first segment went", n)
	}
}

// Whatever a crash leaves of the last line goes; whole lines stay. Tried at every length.
func TestTornLine(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	storetest.MustPut(t, s, storetest.Event("c", "id-1"), true)
	storetest.MustPut(t, s, storetest.Event("c", "id-2"), true)
	path := segmentPath(folder, 1)
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
		s := open(t, folder)
		want := 0
		if cut >= firstLine {
			want++
		}
		if cut == len(whole) {
			want++
		}
		if got := storetest.All(t, s); len(got) != want {
			t.Fatalf("cut at %d of %d: %d records, want %d", cut, len(whole), len(got), want)
		}
		storetest.MustPut(t, s, storetest.Event("c", "id-1"), want == 0)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestIsOpenedOnce(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	open(t, folder)
	if _, err := Open(folder, Options{}); err == nil || !strings.Contains(err.Error(), "another collector") {
		t.Errorf("found %v", err)
	}
}

// After a failed write nothing is acknowledged any more, and the next start reads what is there.
func TestBroken(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	storetest.MustPut(t, s, storetest.Event("c", "id-1"), true)
	if err := s.file.Close(); err != nil { // the disk is gone
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.Put(context.Background(), storetest.Event("c", "id-2")); err == nil || !errors.Is(err, os.ErrClosed) {
			t.Errorf("acknowledged: %v", err)
		}
	}
	if err := s.Ready(context.Background()); err == nil {
		t.Error("it calls itself ready")
	}
	_ = s.Close()
	again := open(t, folder)
	storetest.MustPut(t, again, storetest.Event("c", "id-2"), true)
	if n := len(storetest.All(t, again)); n != 2 {
		t.Errorf("%d records", n)
	}
}

// No descriptor, no inode, something in the way: the present segment goes on, and the next batch tries again.
func TestNextSegmentCannotBeOpened(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	var log bytes.Buffer
	s, err := Open(folder, Options{SegmentBytes: 300, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	obstacle := segmentPath(folder, 2)
	if err := os.Mkdir(obstacle, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		storetest.MustPut(t, s, storetest.Event("c", fmt.Sprint("before-", i)), true)
	}
	if err := s.Ready(context.Background()); err != nil {
		t.Errorf("not ready: %v", err)
	}
	if err := os.Remove(obstacle); err != nil {
		t.Fatal(err)
	}
	storetest.MustPut(t, s, storetest.Event("c", "after"), true)
	if numbers, err := segments(folder); err != nil || len(numbers) != 2 {
		t.Errorf("segments %v, %v", numbers, err)
	}
	if got := storetest.All(t, s); len(got) != 7 || got[6].EventID != "after" {
		t.Errorf("%d records", len(got))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "cannot be opened"); n != 1 || !strings.Contains(log.String(), "the next segment is open") {
		t.Errorf("said %d times:\n%s", n, log.String())
	}
}

// One damaged line costs one event, whatever its length, and is named.
func TestSkippedLines(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := open(t, folder)
	storetest.MustPut(t, s, storetest.Event("c", "id-1"), true)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := segmentPath(folder, 1)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	second := bytes.Replace(whole, []byte("id-1"), []byte("id-2"), 1)
	for _, torn := range []string{`{"hwid":`, `{}`, strings.Repeat("x", maxLine-1), strings.Repeat("x", maxLine), strings.Repeat("y", 3*maxLine+7)} {
		data := slices.Concat([]byte("\ufeff"), whole, []byte("\n"+torn+"\n"), second)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		s, err := Open(folder, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatalf("a line of %d bytes: %v", len(torn), err)
		}
		storetest.MustPut(t, s, storetest.Event("c", "id-1"), false) // the byte order mark cost nothing
		storetest.MustPut(t, s, storetest.Event("c", "id-2"), false)
		var skipped []record.Skipped
		events := 0
		if _, err := s.Read(context.Background(), "", func(e record.Entry) error {
			if e.Skipped != nil {
				skipped = append(skipped, *e.Skipped)
			} else {
				events++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		offset := int64(len("\ufeff") + len(whole) + 1)
		want := []record.Skipped{{File: "events-00000001.ndjson", Offset: offset, Bytes: int64(len(torn)) + 1}}
		if events != 2 || !slices.Equal(skipped, want) {
			t.Errorf("a line of %d bytes: %d events, skipped %v, want %v", len(torn), events, skipped, want)
		}
		if !strings.Contains(log.String(), fmt.Sprintf("file=events-00000001.ndjson offset=%d bytes=%d", offset, len(torn)+1)) {
			t.Errorf("not named:\n%s", log.String())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A cursor notices that what it has read was changed or moved away.
func TestStaleCursor(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s, err := Open(folder, Options{SegmentBytes: 300})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		storetest.MustPut(t, s, storetest.Event("c", fmt.Sprint("id-", i)), true)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	nothing := func(record.Entry) error { return nil }
	r := NewReader(folder)
	end, err := r.Read(context.Background(), "", nothing)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(context.Background(), end, nothing); err != nil {
		t.Errorf("nothing has changed: %v", err)
	}
	if err := os.Remove(segmentPath(folder, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(context.Background(), end, nothing); !errors.Is(err, record.ErrStale) {
		t.Errorf("a segment was moved away: %v", err)
	}
}
