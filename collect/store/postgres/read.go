package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/divinedevops/probe/collect/record"
)

// Read implements store.Source. A cursor is the epoch of the events, which goes up when some are changed or deleted, and
// the id of the last one read.
func (s *Store) Read(ctx context.Context, from record.Cursor, each func(record.Entry) error) (record.Cursor, error) {
	end, err := s.read(ctx, from, each)
	if err != nil && !errors.Is(err, record.ErrStale) {
		return from, fmt.Errorf("store: %w", err)
	}
	return end, err
}

func (s *Store) read(ctx context.Context, from record.Cursor, each func(record.Entry) error) (record.Cursor, error) {
	var epoch, seen, id int64
	// Before the events: if it changes while they are read, the cursor is stale.
	if err := s.pool.QueryRow(ctx, "select epoch from collector_state").Scan(&epoch); err != nil {
		return from, err
	}
	if from != "" {
		if n, err := fmt.Sscanf(string(from), "%d:%d", &seen, &id); n != 2 || err != nil || seen != epoch {
			return from, record.ErrStale
		}
	}
	rows, err := s.pool.Query(ctx, `select id, received_at, coalesce(ip, ''), coalesce(network, ''), hwid, event_name,
		app_version, client_type, coalesce(event_id, ''), metadata::text from events where id > $1 order by id`, id)
	if err != nil {
		return from, err
	}
	defer rows.Close()
	for rows.Next() {
		var r record.Record
		var metadata string
		if err := rows.Scan(&id, &r.ReceivedAt, &r.IP, &r.Network, &r.HWID, &r.EventName, &r.AppVersion, &r.ClientType,
			&r.EventID, &metadata); err != nil {
			return from, err
		}
		r.ReceivedAt, r.Metadata = r.ReceivedAt.UTC(), []byte(metadata)
		err := each(record.Entry{Record: r})
		if errors.Is(err, record.ErrStop) {
			break
		}
		if err != nil {
			return from, err
		}
	}
	rows.Close() // also where the rest was not wanted
	if err := rows.Err(); err != nil {
		return from, err
	}
	return record.Cursor(fmt.Sprintf("%d:%d", epoch, id)), nil
}

// NetworkKey implements store.NetworkKeyed.
func (s *Store) NetworkKey(ctx context.Context) (key []byte, err error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails
	err = s.pool.QueryRow(ctx, "update collector_state set network_key = coalesce(network_key, $1) returning network_key", fresh).Scan(&key)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return key, nil
}
