// Package storetest has the tests that every store passes.
package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/collect/record"
)

// Store is what is tested: a store.Sink that is a store.Source too.
type Store interface {
	Put(ctx context.Context, r record.Record) (stored bool, err error)
	Ready(ctx context.Context) error
	Read(ctx context.Context, from record.Cursor, each func(record.Entry) error) (record.Cursor, error)
	Close() error
}

// Time is when every Event was received.
var Time = time.Date(2026, 11, 23, 10, 0, 0, 123456000, time.UTC)

// Event returns a record of a client; eventID may be empty.
func Event(hwid, eventID string) record.Record {
	metadata := fmt.Sprintf(`{"event_id":%q,"model_name":"org/name","nested":{"kept":[1,2.50,"<&>"]}}`, eventID)
	if eventID == "" {
		metadata = `{"a":1}`
	}
	return record.Record{
		ReceivedAt: Time, IP: "192.0.2.1", Network: "6e6574", HWID: hwid, EventName: record.ModelRegistration, AppVersion: "0.1.0",
		ClientType: "probe", Metadata: json.RawMessage(metadata), EventID: eventID,
	}
}

// All returns everything that a store holds.
func All(t testing.TB, s Store) []record.Record {
	t.Helper()
	var out []record.Record
	if _, err := s.Read(context.Background(), "", func(e record.Entry) error {
		if e.Skipped != nil {
			t.Errorf("skipped: %s", e.Skipped)
			return nil
		}
		out = append(out, e.Record)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// MustPut stores a record, or finds it stored already if that is what is wanted.
func MustPut(t testing.TB, s Store, r record.Record, want bool) {
	t.Helper()
	if stored, err := s.Put(context.Background(), r); err != nil || stored != want {
		t.Fatalf("put %s: stored %v (want %v), %v", r.EventID, stored, want, err)
	}
}

// Run tests a store. open opens the same storage, the first time and again.
func Run(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	if err := s.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	a, b, anonymous := Event("client-1", "id-1"), Event("client-2", "id-2"), Event("client-3", "")
	MustPut(t, s, a, true)
	MustPut(t, s, b, true)
	MustPut(t, s, a, false)
	MustPut(t, s, anonymous, true)
	MustPut(t, s, anonymous, true) // without an id repeats cannot be told
	noIP := Event("client-4", "id-4")
	noIP.IP = ""
	MustPut(t, s, noIP, true)
	want := []record.Record{a, b, anonymous, anonymous, noIP}
	same := cmp.Comparer(func(a, b json.RawMessage) bool { return canonical(t, a) == canonical(t, b) })
	if diff := cmp.Diff(want, All(t, s), same); diff != "" {
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
				ok, err := s.Put(context.Background(), Event("many", fmt.Sprintf("many-%d", (c/2)*each+i)))
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
	if n := len(All(t, s)); n != len(want)+stored {
		t.Errorf("%d records, want %d", n, len(want)+stored)
	}

	// Closed and opened again, it has everything and still knows the ids.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(context.Background(), Event("late", "late")); err == nil {
		t.Error("a closed store took a record")
	}
	s = open(t)
	MustPut(t, s, a, false)
	MustPut(t, s, Event("many", "many-0"), false)
	MustPut(t, s, Event("client-5", "id-5"), true)
	if n := len(All(t, s)); n != len(want)+stored+1 {
		t.Errorf("after opening again: %d records, want %d", n, len(want)+stored+1)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Read(canceled, "", func(record.Entry) error { return nil }); err == nil {
		t.Error("reading went on after its context ended")
	}
	runCursor(t, s)
	runNetworkKey(t, s)
}

// runNetworkKey holds that there is one key a store, which stays.
func runNetworkKey(t *testing.T, s Store) {
	t.Helper()
	keyed, ok := s.(interface {
		NetworkKey(ctx context.Context) ([]byte, error)
	})
	if !ok {
		return
	}
	first, err := keyed.NetworkKey(context.Background())
	if err != nil || len(first) != 32 || bytes.Equal(first, make([]byte, 32)) {
		t.Fatalf("a key of %d bytes, %v", len(first), err)
	}
	if again, err := keyed.NetworkKey(context.Background()); err != nil || !bytes.Equal(first, again) {
		t.Errorf("another key: %v", err)
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

// runCursor reads a store in pieces, while records are added.
func runCursor(t *testing.T, s Store) {
	t.Helper()
	whole := All(t, s)
	var got []record.Record
	var at record.Cursor
	const piece = 100
	read := func() (n int) {
		end, err := s.Read(context.Background(), at, func(e record.Entry) error {
			got = append(got, e.Record)
			if n++; n == piece {
				return record.ErrStop
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		at = end
		return n
	}
	for read() == piece {
	}
	if diff := cmp.Diff(whole, got); diff != "" {
		t.Errorf("read in pieces (-whole +pieces):\n%s", diff)
	}
	if n := read(); n != 0 {
		t.Errorf("%d records after the last", n)
	}
	MustPut(t, s, Event("cursor", "cursor-1"), true)
	MustPut(t, s, Event("cursor", "cursor-2"), true)
	if n := read(); n != 2 || got[len(got)-1].EventID != "cursor-2" {
		t.Errorf("%d new records, the last %v", n, got[len(got)-1].EventID)
	}
	if _, err := s.Read(context.Background(), "nonsense", func(record.Entry) error { return nil }); !errors.Is(err, record.ErrStale) {
		t.Errorf("a cursor of nowhere: %v", err)
	}
	fails := errors.New("fails")
	if _, err := s.Read(context.Background(), "", func(record.Entry) error { return fails }); !errors.Is(err, fails) {
		t.Errorf("an error of the caller's: %v", err)
	}
}
