package ndjson

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/divinedevops/probe/collect/record"
)

// maxLine bounds a line. An event is at most a quarter of it as it arrives; escapes make it longer.
const maxLine = 256 << 10

// Reader reads the folder of a Store, even while a collector writes there.
type Reader struct{ folder string }

// NewReader returns a Reader of a folder.
func NewReader(folder string) Reader { return Reader{folder} }

// Read implements store.Source.
func (r Reader) Read(ctx context.Context, from record.Cursor, each func(record.Entry) error) (record.Cursor, error) {
	return read(ctx, r.folder, from, position{number: math.MaxInt}, entries(each))
}

// Close implements store.Source.
func (Reader) Close() error { return nil }

// Read implements store.Source.
func (s *Store) Read(ctx context.Context, from record.Cursor, each func(record.Entry) error) (record.Cursor, error) {
	s.mu.Lock()
	upTo := s.committed
	s.mu.Unlock()
	return read(ctx, s.folder, from, upTo, entries(each))
}

// line is one line of a segment. Its text is valid until the next one is read; nil if the line is too long to be an event.
type line struct {
	text   []byte
	file   string
	offset int64
	bytes  int64
}

func (l line) skipped() *record.Skipped {
	return &record.Skipped{File: l.file, Offset: l.offset, Bytes: l.bytes}
}

// entries parses lines into what a store.Source returns. A line that is torn, or was changed on the disk, is one entry
// that is skipped: one line is lost, not the rest.
func entries(each func(record.Entry) error) func(line) error {
	return func(l line) error {
		var e record.Entry
		if l.text == nil || json.Unmarshal(l.text, &e.Record) != nil || e.EventName == "" {
			return each(record.Entry{Skipped: l.skipped()})
		}
		e.EventID = record.EventIDOf(e.Metadata)
		return each(e)
	}
}

// read calls each with the lines after from and before upTo.
func read(ctx context.Context, folder string, from record.Cursor, upTo position, each func(line) error) (record.Cursor, error) {
	numbers, err := segments(folder)
	if err != nil {
		return from, err
	}
	c, err := parseCursor(from, folder, numbers)
	if err != nil {
		return from, err
	}
	for i, number := range numbers {
		if number < c.Number {
			continue
		}
		if number > upTo.number {
			break
		}
		if number > c.Number {
			c.enter(folder, number)
		}
		limit := int64(math.MaxInt64)
		if number == upTo.number {
			limit = upTo.offset
		}
		err := c.readSegment(ctx, folder, limit, i == len(numbers)-1, each)
		if errors.Is(err, record.ErrStop) {
			break
		}
		if err != nil {
			return from, err
		}
	}
	return c.cursor(folder)
}

// readSegment goes on in the segment that the cursor is in. What follows the last line break of the last segment is still
// being written.
func (c *cursor) readSegment(ctx context.Context, folder string, limit int64, last bool, each func(line) error) error {
	f, err := os.Open(segmentPath(folder, c.Number))
	if errors.Is(err, fs.ErrNotExist) { // moved away by whoever archives old segments
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Seek(c.Offset, io.SeekStart); err != nil {
		return err
	}
	lines := bufio.NewReaderSize(io.LimitReader(f, limit-c.Offset), maxLine)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, n, err := nextLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if n == 0 || errors.Is(err, io.EOF) && last {
			return nil
		}
		l := line{text: bytes.TrimSpace(text), file: filepath.Base(f.Name()), offset: c.Offset, bytes: n}
		if text == nil {
			l.text = nil
		}
		c.Offset += n
		if text != nil && len(l.text) == 0 {
			continue
		}
		l.text = bytes.TrimPrefix(l.text, []byte("\ufeff")) // an editor's byte order mark is no reason to lose an event
		if err := each(l); err != nil {
			return err
		}
	}
}

// nextLine returns the next line and its length on the disk; a nil line if it is longer than maxLine.
func nextLine(r *bufio.Reader) (text []byte, n int64, err error) {
	text, err = r.ReadSlice('\n')
	n = int64(len(text))
	for errors.Is(err, bufio.ErrBufferFull) {
		var more []byte
		more, err = r.ReadSlice('\n')
		n, text = n+int64(len(more)), nil
	}
	return text, n, err
}
