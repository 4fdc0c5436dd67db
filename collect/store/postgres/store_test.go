package postgres

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/collect/store/storetest"
	"github.com/divinedevops/probe/internal/testenv"
)

func TestStore(t *testing.T) {
	t.Parallel()
	dsn := testenv.Postgres(t)
	storetest.Run(t, func(t *testing.T) storetest.Store {
		s, err := Open(context.Background(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	})
	t.Run("what it refuses does not take others along", func(t *testing.T) {
		s, err := Open(context.Background(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		bad := storetest.Event("bad", "bad")
		bad.Metadata = json.RawMessage(`{"x":"\u0000"}`)
		got := s.commit([]record.Record{storetest.Event("good", "good-1"), bad, storetest.Event("good", "good-2")})
		if !got[0].Stored || got[1].Err == nil || !got[2].Stored {
			t.Errorf("outcomes %+v", got)
		}
	})
	t.Run("a newer database is left alone", func(t *testing.T) {
		s, err := Open(context.Background(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		if _, err := s.pool.Exec(context.Background(), "insert into collector_migrations (version) values (99)"); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(context.Background(), dsn); err == nil || !strings.Contains(err.Error(), "newer collector") {
			t.Errorf("found %v", err)
		}
	})
	if _, err := Open(context.Background(), "postgres://user:secret@host:notaport/"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("bad connection string: %v", err)
	}
}
