package ndjson

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		if info, err := os.Stat(s.segment(number)); err != nil || info.Size() > 1000 {
			t.Errorf("segment %d: %d bytes, %v", number, info.Size(), err)
		}
	}
	if got := storetest.All(t, s); len(got) != 20 || got[19].EventID != "id-19" {
		t.Errorf("%d records over the segments", len(got))
	}
	// An old segment may be archived while the collector runs.
	if err := os.Remove(s.segment(1)); err != nil {
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
