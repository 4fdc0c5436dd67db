package record

import (
	"errors"
	"fmt"
)

// Entry is what a store holds at one place: a record, or something that cannot be read as one.
type Entry struct {
	Record
	Skipped *Skipped // nil if there is a record
}

// Skipped says where something is that a store could not read, and passed over.
type Skipped struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	Bytes  int64  `json:"bytes"`
}

func (s Skipped) String() string {
	return fmt.Sprintf("%s, offset %d, %d bytes", s.File, s.Offset, s.Bytes)
}

// Cursor marks how far a store was read. Only the store that returned it understands it; "" is the beginning.
type Cursor string

// Read is how a store is read: it calls each with every entry after from, in the order in which they were stored, and
// returns where it ended. A reader that has enough returns ErrStop from each; the cursor is then after that entry.
// ErrStale means that from belongs to something that is not there any more: read again from the beginning.
type Read func(from Cursor, each func(Entry) error) (Cursor, error)

// Errors of Read.
var (
	ErrStop  = errors.New("stop reading")
	ErrStale = errors.New("stored events were changed or moved away since the last reading")
)
