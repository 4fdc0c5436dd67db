package emit

import (
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// A queued file is named EVENTID.CRC.json: version 7 UUIDs sort by time, and the CRC-32C of the content distinguishes a file
// whose bytes changed from one that is as probe wrote it.

// checksum is the CRC-32C of data; its table is made on first use.
func checksum(data []byte) uint32 { return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)) }

const queueNameLen = 36 + 1 + 8 + len(".json")

func queueName(id uuid.UUID, data []byte) string {
	return fmt.Sprintf("%s.%08x.json", id, checksum(data))
}

// parseQueueName reads a name back; ok is false for a name that probe did not give.
func parseQueueName(name string) (id uuid.UUID, sum uint32, ok bool) {
	if len(name) != queueNameLen || !strings.HasSuffix(name, ".json") || name[36] != '.' {
		return uuid.Nil, 0, false
	}
	id, err := uuid.Parse(name[:36])
	if err != nil || id.String() != name[:36] {
		return uuid.Nil, 0, false
	}
	crc, err := strconv.ParseUint(name[37:45], 16, 32)
	return id, uint32(crc), err == nil
}
