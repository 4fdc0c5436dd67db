package collect

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/gofrs/flock"
)

// DefaultSegmentBytes is the size at which a new segment is begun.
const DefaultSegmentBytes = 64 << 20

// NDJSON stores records as lines of JSON in files events-00000001.ndjson, events-00000002.ndjson, ... of one folder,
// which one process at a time may write. A line is on the disk before its Put returns.
type NDJSON struct {
	folder       string
	segmentBytes int64
	lock         *flock.Flock
	group        *groupCommit
	broken       atomic.Pointer[error] // a failed write or sync: what is on the disk is unknown until the next start

	// Owned by the committing goroutine, once the store is open.
	file   *os.File
	number int
	size   int64
	seen   map[idKey]struct{}
	buffer bytes.Buffer

	mu        sync.Mutex
	committed position // how far readers may read
}

// position is a place behind a whole line.
type position struct {
	number int
	offset int64
}

// idKey stands for an event_id in little memory: half of its SHA-256.
type idKey [16]byte

func keyOf(eventID string) idKey {
	sum := sha256.Sum256([]byte(eventID))
	return idKey(sum[:16])
}

// OpenNDJSON opens the store in a folder, and makes it where it is not there. A last line that a crash has torn is cut
// off: its Put had not returned.
func OpenNDJSON(folder string, segmentBytes int64) (*NDJSON, error) {
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
	s := &NDJSON{folder: folder, segmentBytes: segmentBytes, lock: lock, seen: map[idKey]struct{}{}}
	if err := s.recover(); err != nil {
		return nil, errors.Join(fmt.Errorf("store: %w", err), lock.Close())
	}
	s.group = newGroupCommit(s.commit)
	return s, nil
}

// recover reads what is there: the ids seen, and where to go on.
func (s *NDJSON) recover() error {
	numbers, err := segments(s.folder)
	if err != nil {
		return err
	}
	if len(numbers) == 0 {
		return s.begin(1)
	}
	s.number = numbers[len(numbers)-1]
	if s.file, err = os.OpenFile(s.segment(s.number), os.O_RDWR|os.O_APPEND, 0o640); err != nil {
		return err
	}
	if s.size, err = cutTornLine(s.file); err != nil {
		return err
	}
	s.committed = position{s.number, s.size}
	for line, err := range lines(context.Background(), s.folder, s.committed) {
		if err != nil {
			return err
		}
		var r struct {
			Metadata struct {
				EventID any `json:"event_id"`
			} `json:"metadata"`
		}
		if json.Unmarshal(line, &r) == nil {
			if id, ok := r.Metadata.EventID.(string); ok && id != "" {
				s.seen[keyOf(id)] = struct{}{}
			}
		}
	}
	return nil
}

func (s *NDJSON) segment(number int) string { return segmentPath(s.folder, number) }

// begin makes the segment of that number, durably, the one that is written.
func (s *NDJSON) begin(number int) error {
	file, err := os.OpenFile(s.segment(number), os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	if err := syncFolder(s.folder); err != nil {
		return errors.Join(err, file.Close())
	}
	if s.file != nil {
		if err := s.file.Close(); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	s.file, s.number, s.size = file, number, 0
	s.publish()
	return nil
}

func (s *NDJSON) publish() {
	s.mu.Lock()
	s.committed = position{s.number, s.size}
	s.mu.Unlock()
}

// commit writes a batch with one write and one sync. After a failure the store takes nothing any more: what a disk
// holds after a failed sync cannot be known, only read anew at the next start.
func (s *NDJSON) commit(records []Record) []outcome {
	if broken := s.broken.Load(); broken != nil {
		return outcomes(len(records), *broken)
	}
	results, fresh := s.encode(records)
	if s.buffer.Len() > 0 {
		if err := s.write(); err != nil {
			err = fmt.Errorf("store: nothing more is taken until a restart: %w", err)
			s.broken.Store(&err)
			return outcomes(len(records), err)
		}
	}
	for _, key := range fresh {
		s.seen[key] = struct{}{}
	}
	return results
}

// encode puts the lines of the records that are new into the buffer, and gives their ids.
func (s *NDJSON) encode(records []Record) (results []outcome, fresh []idKey) {
	s.buffer.Reset()
	results = make([]outcome, len(records))
	inBatch := map[idKey]struct{}{}
	enc := json.NewEncoder(&s.buffer)
	enc.SetEscapeHTML(false)
	for i, r := range records {
		var key idKey
		if r.EventID != "" {
			key = keyOf(r.EventID)
			_, stored := s.seen[key]
			_, beside := inBatch[key]
			if stored || beside {
				continue
			}
		}
		if err := enc.Encode(r); err != nil { // writes nothing then
			results[i].err = fmt.Errorf("store: %w", err)
			continue
		}
		results[i].stored = true
		if r.EventID != "" {
			inBatch[key] = struct{}{}
			fresh = append(fresh, key)
		}
	}
	return results, fresh
}

func (s *NDJSON) write() error {
	if s.size > 0 && s.size+int64(s.buffer.Len()) > s.segmentBytes {
		if err := s.begin(s.number + 1); err != nil {
			return err
		}
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

// Put implements Store.
func (s *NDJSON) Put(ctx context.Context, r Record) (bool, error) { return s.group.put(ctx, r) }

// Ready implements Store.
func (s *NDJSON) Ready(context.Context) error {
	if broken := s.broken.Load(); broken != nil {
		return *broken
	}
	return nil
}

// Close implements Store.
func (s *NDJSON) Close() error {
	s.group.close()
	return errors.Join(s.file.Close(), s.lock.Close())
}
