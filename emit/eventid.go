package emit

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// newEventID makes a version 7 UUID (RFC 9562, section 5.7) whose time is the day, as the timestamp's is: when in the day
// somebody works is nobody's business. The ids of one day are told apart by 62 random bits and by a counter in place of the
// time of the day: each comes right after latest, the newest in the queue. So they sort in the order they were made, also
// where a clock was set back.
func newEventID(now time.Time, latest uuid.UUID) uuid.UUID {
	const fraction = 1 << 12
	ticks := uint64(max(dayOf(now).UnixMilli(), 0)) * fraction
	if latest != uuid.Nil {
		if next := ticksOf(latest) + 1; ticks < next && next>>60 == 0 {
			ticks = next
		}
	}
	var id uuid.UUID
	_, _ = rand.Read(id[8:]) // never fails: crypto/rand ends the process instead
	binary.BigEndian.PutUint64(id[:8], ticks>>12<<16|7<<12|ticks&(fraction-1))
	id[8] = id[8]&0x3f | 0x80
	return id
}

// ticksOf is the time in a version 7 UUID, in 1/4096 ms since 1970.
func ticksOf(id uuid.UUID) uint64 {
	head := binary.BigEndian.Uint64(id[:8])
	return head>>16<<12 | head&0xfff
}

// dayOf is the beginning of a day, UTC.
func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func timeOf(id uuid.UUID) time.Time { return time.UnixMilli(int64(ticksOf(id) >> 12)) }
