package collect

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// postgresTimeout bounds one batch.
const postgresTimeout = 20 * time.Second

// Postgres stores records in the table events of a PostgreSQL database (12 or newer). Several collectors may share one.
type Postgres struct {
	pool  *pgxpool.Pool
	group *groupCommit
}

// OpenPostgres connects, and brings the tables up to date. dsn is a URL or keywords as libpq knows them.
func OpenPostgres(ctx context.Context, dsn string) (*Postgres, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("store: the PostgreSQL connection string does not parse") // pgx's error would repeat it
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	s := &Postgres{pool: pool}
	if err := s.migrate(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("store: %w", err)
	}
	s.group = newGroupCommit(s.commit)
	return s, nil
}

// migrationLock is the key of an advisory lock: of several collectors that start at once, one migrates.
const migrationLock = 0x70726f6265 // "probe"

// migrate runs the migrations that the database has not seen, each in a transaction with the note of it.
func (s *Postgres) migrate(ctx context.Context) error {
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

// insert writes a batch in one statement. Of rows with one event_id, also within the batch, the first is kept.
const insert = `insert into events (received_at, ip, hwid, event_name, app_version, client_type, event_id, metadata)
select r.received_at, nullif(r.ip, ''), r.hwid, r.event_name, r.app_version, r.client_type, nullif(r.event_id, ''), r.metadata::jsonb
from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
  with ordinality as r (received_at, ip, hwid, event_name, app_version, client_type, event_id, metadata, place)
order by r.place
on conflict (event_id) do nothing
returning event_id`

// commit stores a batch. Where the database refuses what is in it, each record is tried alone, so that one that
// cannot be stored does not take the others with it.
func (s *Postgres) commit(records []Record) []outcome {
	ctx, cancel := context.WithTimeout(context.Background(), postgresTimeout)
	defer cancel()
	results, err := s.insert(ctx, records)
	if err == nil {
		return results
	}
	var refused *pgconn.PgError
	if len(records) == 1 || !errors.As(err, &refused) {
		return outcomes(len(records), err)
	}
	results = outcomes(len(records), nil)
	for i := range records {
		if one, err := s.insert(ctx, records[i:i+1]); err != nil {
			results[i].err = err
		} else {
			results[i] = one[0]
		}
	}
	return results
}

func (s *Postgres) insert(ctx context.Context, records []Record) ([]outcome, error) {
	n := len(records)
	received := make([]time.Time, n)
	texts := make([][]string, 7)
	for k := range texts {
		texts[k] = make([]string, n)
	}
	for i, r := range records {
		received[i] = r.ReceivedAt
		for k, text := range []string{r.IP, r.HWID, r.EventName, r.AppVersion, r.ClientType, r.EventID, string(r.Metadata)} {
			texts[k][i] = text
		}
	}
	rows, err := s.pool.Query(ctx, insert, received, texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6])
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
	results := make([]outcome, n)
	for i, r := range records {
		results[i].stored = r.EventID == "" || fresh[r.EventID]
		delete(fresh, r.EventID) // the first of a repeat within the batch
	}
	return results, nil
}

// Put implements Store.
func (s *Postgres) Put(ctx context.Context, r Record) (bool, error) { return s.group.put(ctx, r) }

// Ready implements Store.
func (s *Postgres) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return s.pool.Ping(ctx)
}

// All implements Store.
func (s *Postgres) All(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		rows, err := s.pool.Query(ctx, `select received_at, coalesce(ip, ''), hwid, event_name, app_version, client_type,
			coalesce(event_id, ''), metadata::text from events order by id`)
		if err != nil {
			yield(Record{}, fmt.Errorf("store: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var r Record
			var metadata string
			err := rows.Scan(&r.ReceivedAt, &r.IP, &r.HWID, &r.EventName, &r.AppVersion, &r.ClientType, &r.EventID, &metadata)
			r.ReceivedAt, r.Metadata = r.ReceivedAt.UTC(), []byte(metadata)
			if !yield(r, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Record{}, fmt.Errorf("store: %w", err))
		}
	}
}

// Close implements Store.
func (s *Postgres) Close() error {
	s.group.close()
	s.pool.Close()
	return nil
}
