// Package postgres stores records in a PostgreSQL database.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/collect/store/internal/group"
)

//go:embed migrations/*.sql
var migrations embed.FS

// postgresTimeout bounds one batch.
const postgresTimeout = 20 * time.Second

// Store keeps records in the table events of a PostgreSQL database (12 or newer). Several collectors may share one.
type Store struct {
	pool    *pgxpool.Pool
	commits *group.Commit
}

// scheme is what may stand before keywords: postgres:host=... dbname=...
var scheme = regexp.MustCompile(`^(?i:postgres(ql)?):([^/].*)$`)

// IsKeywords reports whether a location is a connection string of keywords, as libpq has them, and not a URL.
func IsKeywords(location string) bool { return keyword.MatchString(location) }

var keyword = regexp.MustCompile(`(^|\s)dbname\s*=`)

// Open connects, and brings the tables up to date. location is a URL, or keywords as libpq has them.
func Open(ctx context.Context, location string) (*Store, error) {
	if found := scheme.FindStringSubmatch(location); found != nil {
		location = found[2]
	}
	config, err := pgxpool.ParseConfig(location)
	if err != nil {
		return nil, errors.New("store: the PostgreSQL connection string is not valid") // pgx's error would repeat it
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	s := &Store{pool: pool}
	if err := s.migrate(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("store: %w", err)
	}
	s.commits = group.New(s.commit)
	return s, nil
}

// migrationLock is the key of an advisory lock: of several collectors that start at once, one migrates.
const migrationLock = 0x70726f6265 // "probe"

// migrate runs the migrations that the database has not seen, all in one transaction with the notes of them.
func (s *Store) migrate(ctx context.Context) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", migrationLock); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "create table if not exists collector_migrations (version int primary key, applied timestamptz not null default now())"); err != nil {
			return err
		}
		var done int
		if err := tx.QueryRow(ctx, "select coalesce(max(version), 0) from collector_migrations").Scan(&done); err != nil {
			return err
		}
		if done > len(names) {
			return fmt.Errorf("the database is at version %d, this collector knows %d: use a newer collector", done, len(names))
		}
		for i, name := range names[done:] {
			text, err := migrations.ReadFile(name)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, string(text)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if _, err := tx.Exec(ctx, "insert into collector_migrations (version) values ($1)", done+i+1); err != nil {
				return err
			}
		}
		return nil
	})
}

// insertLock is the key of an advisory lock: of several collectors one at a time inserts, so that ids become visible in
// their order and a reader who has seen one has seen all before it.
const insertLock = 0x70726f6266 // "probf"

// insert writes a batch in one statement. Of rows with one event_id, also within the batch, the first is kept. The lock
// is taken before the first id is, and let go after the commit.
const insert = `with locked as materialized (select pg_advisory_xact_lock($1))
insert into events (received_at, ip, network, hwid, event_name, app_version, client_type, event_id, metadata)
select r.received_at, nullif(r.ip, ''), nullif(r.network, ''), r.hwid, r.event_name, r.app_version, r.client_type,
  nullif(r.event_id, ''), r.metadata::jsonb
from locked, unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
  with ordinality as r (received_at, ip, network, hwid, event_name, app_version, client_type, event_id, metadata, place)
order by r.place
on conflict (event_id) do nothing
returning event_id`

// commit stores a batch. Where the database refuses what is in it, each record is tried alone, so that one that
// cannot be stored does not take the others with it.
func (s *Store) commit(records []record.Record) []group.Outcome {
	ctx, cancel := context.WithTimeout(context.Background(), postgresTimeout)
	defer cancel()
	results, err := s.insert(ctx, records)
	if err == nil {
		return results
	}
	var refused *pgconn.PgError
	if len(records) == 1 || !errors.As(err, &refused) {
		return group.Outcomes(len(records), err)
	}
	results = group.Outcomes(len(records), nil)
	for i := range records {
		if one, err := s.insert(ctx, records[i:i+1]); err != nil {
			results[i].Err = err
		} else {
			results[i] = one[0]
		}
	}
	return results
}

func (s *Store) insert(ctx context.Context, records []record.Record) ([]group.Outcome, error) {
	n := len(records)
	received := make([]time.Time, n)
	texts := make([][]string, 8)
	for k := range texts {
		texts[k] = make([]string, n)
	}
	for i, r := range records {
		received[i] = r.ReceivedAt
		for k, text := range []string{r.IP, r.Network, r.HWID, r.EventName, r.AppVersion, r.ClientType, r.EventID, string(r.Metadata)} {
			texts[k][i] = text
		}
	}
	rows, err := s.pool.Query(ctx, insert, insertLock, received,
		texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6], texts[7])
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[*string])
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	fresh := make(map[string]bool, len(ids))
	for _, id := range ids {
		if id != nil {
			fresh[*id] = true
		}
	}
	results := make([]group.Outcome, n)
	for i, r := range records {
		results[i].Stored = r.EventID == "" || fresh[r.EventID]
		delete(fresh, r.EventID) // the first of a repeat within the batch
	}
	return results, nil
}

// Put implements store.Sink.
func (s *Store) Put(ctx context.Context, r record.Record) (bool, error) { return s.commits.Put(ctx, r) }

// Ready implements store.Sink.
func (s *Store) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return s.pool.Ping(ctx)
}

// Close implements store.Sink and store.Source.
func (s *Store) Close() error {
	s.commits.Close()
	s.pool.Close()
	return nil
}
