package ndjson

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/divinedevops/probe/collect/record"
)

// cursor is a place in a folder: what was read before it, so that a change there is noticed, and how far the segment was
// read that may still grow.
type cursor struct {
	Before []seal `json:"before,omitempty"` // the segments before, which do not change any more
	Number int    `json:"number"`           // of the segment; 0 if there was none
	Offset int64  `json:"offset"`           // after a whole line
	Tail   string `json:"tail"`             // digest of the bytes just before Offset
}

// seal is what a segment looked like when it was read to its end.
type seal struct {
	Number   int   `json:"number"`
	Size     int64 `json:"size"`
	Modified int64 `json:"modified"` // nanoseconds
}

// tailBytes are those that Tail is a digest of.
const tailBytes = 1 << 10

// parseCursor reads a cursor, which is stale if the segments that it has seen are not those that are there.
func parseCursor(from record.Cursor, folder string, numbers []int) (*cursor, error) {
	c := &cursor{}
	if from == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(from), c); err != nil {
		return nil, record.ErrStale
	}
	if c.Number == 0 {
		return c, nil
	}
	if len(numbers) <= len(c.Before) || numbers[len(c.Before)] != c.Number {
		return nil, record.ErrStale
	}
	for i, s := range c.Before {
		if s.Number != numbers[i] || s != sealOf(folder, s.Number) {
			return nil, record.ErrStale
		}
	}
	tail, err := tailDigest(segmentPath(folder, c.Number), c.Offset)
	if err != nil || tail != c.Tail {
		return nil, errors.Join(record.ErrStale, err)
	}
	return c, nil
}

// enter goes on to the next segment.
func (c *cursor) enter(folder string, number int) {
	if c.Number > 0 {
		c.Before = append(c.Before, sealOf(folder, c.Number))
	}
	c.Number, c.Offset = number, 0
}

func (c *cursor) cursor(folder string) (record.Cursor, error) {
	var err error
	c.Tail = ""
	if c.Number > 0 {
		if c.Tail, err = tailDigest(segmentPath(folder, c.Number), c.Offset); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	text, err := json.Marshal(c)
	return record.Cursor(text), err
}

// sealOf describes a segment; one that is not there is like none.
func sealOf(folder string, number int) seal {
	info, err := os.Stat(segmentPath(folder, number))
	if err != nil {
		return seal{Number: number, Size: -1}
	}
	return seal{number, info.Size(), info.ModTime().UnixNano()}
}

func tailDigest(path string, offset int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	start := max(offset-tailBytes, 0)
	tail := make([]byte, offset-start)
	if _, err := f.ReadAt(tail, start); err != nil {
		return "", err
	}
	sum := sha256.Sum256(tail)
	return hex.EncodeToString(sum[:16]), nil
}
