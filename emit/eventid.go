package emit

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// newEventID makes a version 7 UUID (RFC 9562, section 5.7): 48 bits of Unix milliseconds, 12 bits of the fraction of
// a millisecond, 62 random bits. If the clock stands at or before the moment of latest, the id is put right after
// latest, so that a clock that was set back neither mixes up the queue nor makes the newest event look like the oldest.
func newEventID(now time.Time, latest uuid.UUID) uuid.UUID {
	const fraction = 1 << 12
	ticks := uint64(max(now.UnixMilli(), 0))*fraction + uint64(now.Nanosecond()%1e6)*fraction/1e6
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

func timeOf(id uuid.UUID) time.Time { return time.UnixMilli(int64(ticksOf(id) >> 12)) }
