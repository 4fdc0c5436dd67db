package ndjson

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/divinedevops/probe/collect/record"
)

// maxLine bounds a line. An event is at most a quarter of it as it arrives; escapes make it longer.
const maxLine = 256 << 10

// segments returns the numbers of the segments in a folder, in order.
func segments(folder string) ([]int, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, entry := range entries {
		var number int
		if _, err := fmt.Sscanf(entry.Name(), "events-%d.ndjson", &number); err == nil &&
			entry.Name() == fmt.Sprintf("events-%08d.ndjson", number) {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// cutTornLine removes what follows the last line break, and returns the size that is left.
func cutTornLine(f *os.File) (int64, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	end := size
	block := make([]byte, 64<<10)
	for end > 0 {
		start := max(end-int64(len(block)), 0)
		part := block[:end-start]
		if _, err := f.ReadAt(part, start); err != nil && err != io.EOF {
			return 0, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			end = start + int64(i) + 1
			break
		}
		end = start
	}
	if end == size {
		return size, nil
	}
	if err := f.Truncate(end); err != nil {
		return 0, err
	}
	return end, f.Sync()
}

// All implements store.Source.
func (s *Store) All(ctx context.Context) iter.Seq2[record.Record, error] {
	s.mu.Lock()
	upTo := s.committed
	s.mu.Unlock()
	return recordsOf(lines(ctx, s.folder, upTo))
}

// Reader reads the folder of a Store, even while a collector writes there.
type Reader struct{ folder string }

// NewReader returns a Reader of a folder.
func NewReader(folder string) Reader { return Reader{folder} }

// All implements store.Source.
func (r Reader) All(ctx context.Context) iter.Seq2[record.Record, error] {
	return recordsOf(lines(ctx, r.folder, position{number: math.MaxInt}))
}

// Close implements store.Source.
func (Reader) Close() error { return nil }

// Folder returns the folder that a location names: ndjson:FOLDER, ndjson://FOLDER or the folder alone.
func Folder(location string) string {
	const scheme = "ndjson:"
	if len(location) < len(scheme) || !strings.EqualFold(location[:len(scheme)], scheme) {
		return location
	}
	return strings.TrimPrefix(location[len(scheme):], "//")
}

func recordsOf(lines iter.Seq2[[]byte, error]) iter.Seq2[record.Record, error] {
	return func(yield func(record.Record, error) bool) {
		for line, err := range lines {
			var r record.Record
			if err == nil {
				if json.Unmarshal(line, &r) != nil {
					continue // torn, or changed on the disk: one line is lost, not the rest
				}
				r.EventID = record.EventIDOf(r.Metadata)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func segmentPath(folder string, number int) string {
	return filepath.Join(folder, fmt.Sprintf("events-%08d.ndjson", number))
}

// lines returns every line of the segments up to a position.
func lines(ctx context.Context, folder string, upTo position) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		numbers, err := segments(folder)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, number := range numbers {
			if number > upTo.number {
				return
			}
			limit := int64(math.MaxInt64)
			if number == upTo.number {
				limit = upTo.offset
			}
			if !linesOf(ctx, segmentPath(folder, number), limit, yield) {
				return
			}
		}
	}
}

func linesOf(ctx context.Context, path string, limit int64, yield func([]byte, error) bool) bool {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) { // moved away by whoever archives old segments
		return true
	}
	if err != nil {
		yield(nil, err)
		return false
	}
	defer func() { _ = f.Close() }()
	scanner := bufio.NewScanner(io.LimitReader(f, limit))
	scanner.Buffer(make([]byte, 0, 64<<10), maxLine)
	for scanner.Scan() {
		if ctx.Err() != nil {
			yield(nil, ctx.Err())
			return false
		}
		if len(scanner.Bytes()) > 0 && !yield(scanner.Bytes(), nil) {
			return false
		}
	}
	if err := scanner.Err(); err != nil {
		yield(nil, fmt.Errorf("%s: %w", filepath.Base(path), err))
		return false
	}
	return true
}

// syncFolder makes a new file's name durable. Windows has no such call, and needs none.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
