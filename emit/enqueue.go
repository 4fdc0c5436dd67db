package emit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/divinedevops/probe/internal/wholefile"
	"github.com/google/uuid"
)

// Limits caps the queue; past them the oldest events go.
type Limits struct {
	Events int
	Bytes  int64
}

// DefaultLimits holds ten thousand events of the largest size.
func DefaultLimits() Limits { return Limits{Events: 10_000, Bytes: 10_000 * MaxEventBytes} }

// put builds an event by means of build, which gets the ids, and writes it into the queue. It needs no lock: any number
// of processes may do so at once. dropped counts the old events that made room.
func put(root *os.Root, limits Limits, now time.Time, build func(eventID uuid.UUID) Event) (e Event, dropped int, err error) {
	list, err := listQueue(root)
	if err != nil {
		return Event{}, 0, err
	}
	list.sweep(root, now)
	id := newEventID(now, list.latest())
	e = build(id)
	data := e.Bytes()
	if len(data) > MaxEventBytes {
		return Event{}, 0, fmt.Errorf("event of %d bytes: expected at most %d", len(data), MaxEventBytes)
	}
	if err := wholefile.WriteIn(root, path.Join(queueDir, queueName(id, data)), data); err != nil {
		return Event{}, 0, err
	}
	return e, evict(root, limits, list.names, int64(len(data))), nil
}

// evict removes the oldest of names, which stand before a new event of size bytes, until both caps hold. Another
// process may be evicting the same files: what is gone already counts as done, but not as dropped by this one.
func evict(root *os.Root, limits Limits, names []string, size int64) (dropped int) {
	drop := max(len(names)+1-limits.Events, 0)
	// Sizes are looked up only if so many events could be too large at all.
	if total := size; int64(len(names)+1-drop)*MaxEventBytes > limits.Bytes {
		for i := len(names) - 1; i >= drop; i-- {
			info, err := root.Lstat(path.Join(queueDir, names[i]))
			if err != nil {
				continue
			}
			if total += info.Size(); total > limits.Bytes {
				drop = i + 1
				break
			}
		}
	}
	for _, name := range names[:min(drop, len(names))] {
		if root.Remove(path.Join(queueDir, name)) == nil {
			dropped++
		}
	}
	return dropped
}

// isPurged reports whether err means that the data folder was purged while it was in use.
func isPurged(err error) bool { return errors.Is(err, fs.ErrNotExist) }
