package collect

import (
	"context"
	"iter"
)

// Store keeps records. Implementations are safe for concurrent use.
type Store interface {
	// Put returns once the record is on the disk. stored is false for a repeat: a record whose EventID is there
	// already, which counts as success.
	Put(ctx context.Context, r Record) (stored bool, err error)

	// All gives every record in the order in which they were stored. It sees at least those whose Put had returned.
	All(ctx context.Context) iter.Seq2[Record, error]

	// Ready tells whether Put can be expected to work.
	Ready(ctx context.Context) error

	// Close waits for records under way and lets go of the storage.
	Close() error
}
