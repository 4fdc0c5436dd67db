// Package store opens the places where collected events are kept. A store is a URL: its scheme picks an entry of the
// table in schemes.go, the rest is the store's own business.
package store

import (
	"context"
	"iter"

	"github.com/divinedevops/probe/collect/record"
)

// Sink takes records. Implementations are safe for concurrent use.
type Sink interface {
	// Put returns once the record is durable. stored is false for a repeat: a record whose EventID is already there,
	// which counts as success.
	Put(ctx context.Context, r record.Record) (stored bool, err error)

	// Ready reports whether Put can be expected to work.
	Ready(ctx context.Context) error

	// Close waits for the records being written and releases the storage.
	Close() error
}

// Source returns what was stored, even while a collector is writing to the same store.
type Source interface {
	// Read is a record.Read. It reaches at least the records whose Put had returned when it was called.
	Read(ctx context.Context, from record.Cursor, each func(record.Entry) error) (record.Cursor, error)

	// Close releases the storage.
	Close() error
}

// NetworkKeyed is a Sink that keeps a random key beside the events: senders' networks are hashed with it, so that they
// can be counted but not read. All collectors that share a store share the key.
type NetworkKeyed interface {
	NetworkKey(ctx context.Context) ([]byte, error)
}

// Records returns every record of a source. What the source cannot read goes to skipped, which may be nil.
func Records(ctx context.Context, source Source, skipped func(record.Skipped)) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		stopped := false
		_, err := source.Read(ctx, "", func(e record.Entry) error {
			if e.Skipped != nil {
				if skipped != nil {
					skipped(*e.Skipped)
				}
				return nil
			}
			if stopped = !yield(e.Record, nil); stopped {
				return record.ErrStop
			}
			return nil
		})
		if err != nil && !stopped {
			yield(record.Record{}, err)
		}
	}
}
