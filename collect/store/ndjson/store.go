// Package ndjson stores records as lines of JSON in the files of a folder.
package ndjson

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/gofrs/flock"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/collect/store/internal/group"
)

// DefaultSegmentBytes is the size at which a new segment begins.
const DefaultSegmentBytes = 64 << 20

// Store keeps records in files events-00000001.ndjson, events-00000002.ndjson, ... of one folder, which one process at a
// time may write. A line is durable before its Put returns.
type Store struct {
	log          *slog.Logger
	folder       string
	segmentBytes int64
	lock         *flock.Flock
	commits      *group.Commit
	broken       atomic.Pointer[error] // a failed write or sync: what is on the disk is unknown until the next start

	// Owned by the committing goroutine, once the store is open.
	file    *os.File
	number  int
	size    int64
	overdue bool // the next segment could not be opened
	seen    map[record.Key]struct{}
	buffer  bytes.Buffer

	mu        sync.Mutex
	committed position // how far readers may read
}

// position is a place after a whole line.
type position struct {
	number int
	offset int64
}

// Options of a Store; zero values are defaults.
type Options struct {
	SegmentBytes int64        // DefaultSegmentBytes if zero
	Log          *slog.Logger // nil for none
}

// Open opens the store in a folder, which is made if it does not exist. A last line that a crash has torn is cut off: its
// Put had not returned.
func Open(folder string, o Options) (*Store, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	lock := flock.New(filepath.Join(folder, ".lock"))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if !held {
		return nil, fmt.Errorf("store: another collector has %s open", folder)
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Store{
		log: log, folder: folder, segmentBytes: cmp.Or(o.SegmentBytes, DefaultSegmentBytes), lock: lock, seen: map[record.Key]struct{}{},
	}
	if err := s.recover(); err != nil {
		return nil, errors.Join(fmt.Errorf("store: %w", err), lock.Close())
	}
	s.commits = group.New(s.commit)
	return s, nil
}

// recover reads what is there: the ids seen, and where to continue.
func (s *Store) recover() error {
	numbers, err := segments(s.folder)
	if err != nil {
		return err
	}
	if len(numbers) == 0 {
		return s.begin(1)
	}
	s.number = numbers[len(numbers)-1]
	path := segmentPath(s.folder, s.number)
	if s.file, err = os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0o640); err != nil {
		return err
	}
	var before int64
	if s.size, before, err = cutTornLine(s.file); err != nil {
		return err
	}
	if before > s.size {
		s.log.Warn("an incomplete last line was cut off: its sender got no answer", "file", segmentName(s.number),
			"offset", s.size, "bytes", before-s.size)
	}
	s.committed = position{s.number, s.size}
	skipped := 0
	_, err = read(context.Background(), s.folder, "", s.committed, func(l line) error {
		id, ok := eventID(l)
		if id != "" {
			s.seen[record.KeyOf(id)] = struct{}{}
		}
		if !ok {
			if skipped++; skipped <= maxSkippedLogged {
				s.log.Warn("a line that is no event is passed over", "file", l.file, "offset", l.offset, "bytes", l.bytes)
			}
		}
		return nil
	})
	if skipped > 0 {
		s.log.Warn("lines that are no events are passed over", "lines", skipped)
	}
	return err
}

// maxSkippedLogged bounds how many lines are named.
const maxSkippedLogged = 10

// eventID returns the event_id of a line; ok is false if the line is no event at all.
func eventID(l line) (id string, ok bool) {
	var r struct {
		EventName string `json:"event_name"`
		Metadata  struct {
			EventID any `json:"event_id"`
		} `json:"metadata"`
	}
	if l.text == nil || json.Unmarshal(l.text, &r) != nil || r.EventName == "" {
		return "", false
	}
	id, _ = r.Metadata.EventID.(string)
	return id, true
}

// begin creates the segment of that number, durably, and makes it the one that is written. After an error the present
// one is as it was.
func (s *Store) begin(number int) error {
	file, err := createSegment(segmentPath(s.folder, number))
	if err != nil {
		return err
	}
	if err := syncFolder(s.folder); err != nil {
		return errors.Join(err, file.Close())
	}
	if s.file != nil {
		if err := s.file.Close(); err != nil { // all of it was synced
			s.log.Warn("closing a segment", "file", segmentName(s.number), "error", err)
		}
	}
	s.file, s.number, s.size = file, number, 0
	s.publish()
	return nil
}

// createSegment makes a new file, or takes the empty one that an earlier attempt has left.
func createSegment(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o640)
	if err == nil || !errors.Is(err, fs.ErrExist) {
		return file, err
	}
	if info, statErr := os.Lstat(path); statErr != nil || !info.Mode().IsRegular() || info.Size() > 0 {
		return nil, err
	}
	return os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0o640)
}

func (s *Store) publish() {
	s.mu.Lock()
	s.committed = position{s.number, s.size}
	s.mu.Unlock()
}

// commit writes a batch with one write and one sync. After a failure the store takes nothing more: what the disk holds
// after a failed sync cannot be known, only read again at the next start.
func (s *Store) commit(records []record.Record) []group.Outcome {
	if broken := s.broken.Load(); broken != nil {
		return group.Outcomes(len(records), *broken)
	}
	results, fresh := s.encode(records)
	if s.buffer.Len() > 0 {
		if err := s.write(); err != nil {
			err = fmt.Errorf("store: nothing more is taken until a restart: %w", err)
			s.broken.Store(&err)
			return group.Outcomes(len(records), err)
		}
	}
	for _, key := range fresh {
		s.seen[key] = struct{}{}
	}
	return results
}

// encode puts the lines of the records that are new into the buffer, and returns their ids.
func (s *Store) encode(records []record.Record) (results []group.Outcome, fresh []record.Key) {
	s.buffer.Reset()
	results = make([]group.Outcome, len(records))
	inBatch := map[record.Key]struct{}{}
	enc := json.NewEncoder(&s.buffer)
	enc.SetEscapeHTML(false)
	for i, r := range records {
		var key record.Key
		if r.EventID != "" {
			key = record.KeyOf(r.EventID)
			_, stored := s.seen[key]
			_, beside := inBatch[key]
			if stored || beside {
				continue
			}
		}
		if err := enc.Encode(r); err != nil { // writes nothing then
			results[i].Err = fmt.Errorf("store: %w", err)
			continue
		}
		results[i].Stored = true
		if r.EventID != "" {
			inBatch[key] = struct{}{}
			fresh = append(fresh, key)
		}
	}
	return results, fresh
}

func (s *Store) write() error {
	if s.size > 0 && s.size+int64(s.buffer.Len()) > s.segmentBytes {
		s.beginNext()
	}
	n, err := s.file.Write(s.buffer.Bytes())
	if err != nil {
		return err
	}
	if err := syncData(s.file); err != nil {
		return err
	}
	s.size += int64(n)
	s.publish()
	return nil
}

// beginNext begins the next segment. If it cannot (no descriptors, no inodes), nothing is lost: the present segment grows
// past its size, and the next batch tries again.
func (s *Store) beginNext() {
	err := s.begin(s.number + 1)
	switch {
	case err != nil && !s.overdue:
		s.log.Warn("the next segment cannot be opened: the present one goes on", "file", segmentName(s.number), "error", err)
	case err == nil && s.overdue:
		s.log.Info("the next segment is open", "file", segmentName(s.number))
	}
	s.overdue = err != nil
}

// Put implements store.Sink.
func (s *Store) Put(ctx context.Context, r record.Record) (bool, error) { return s.commits.Put(ctx, r) }

// Ready implements store.Sink.
func (s *Store) Ready(context.Context) error {
	if broken := s.broken.Load(); broken != nil {
		return *broken
	}
	return nil
}

// Close implements store.Sink and store.Source.
func (s *Store) Close() error {
	s.commits.Close()
	return errors.Join(s.file.Close(), s.lock.Close())
}
