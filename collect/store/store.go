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
	// All returns every record in the order in which they were stored, at least those whose Put had returned.
	All(ctx context.Context) iter.Seq2[record.Record, error]

	// Close releases the storage.
	Close() error
}
