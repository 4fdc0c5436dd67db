package emit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"sync"
)

// Queued is one event in the queue.
type Queued struct {
	Name  string // its file
	Bytes []byte // exactly what would be sent
	Event Event
}

// QueueContent is the queue as it was found.
type QueueContent struct {
	Events   []Queued // oldest first
	Damaged  int      // files in the folder damaged/, those set aside just now included
	Rejected int      // events in the folder rejected/: the server refused them
}

// ReadQueue reads every queued event. Files that are not as probe wrote them are set aside in damaged/ and counted;
// they never make it fail. Events that a sender takes away meanwhile are left out.
func ReadQueue(dir Dir) (QueueContent, error) {
	root, err := dir.openData(false)
	if errors.Is(err, fs.ErrNotExist) {
		return QueueContent{}, nil
	}
	if err != nil {
		return QueueContent{}, fmt.Errorf("queue: %w", err)
	}
	defer func() { _ = root.Close() }()
	list, err := listQueue(root)
	if err != nil {
		return QueueContent{}, fmt.Errorf("queue: %w", err)
	}
	events, damaged, err := readAll(root, list.names)
	if err != nil {
		return QueueContent{}, fmt.Errorf("queue: %w", err)
	}
	content := QueueContent{Events: events}
	stuck := 0 // damaged, but cannot be moved: a read-only disk
	for _, name := range append(damaged, list.foreign...) {
		if err := setAside(root, name, damagedDir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			stuck++
		}
	}
	content.Damaged = len(names(root, damagedDir)) + stuck
	content.Rejected = len(names(root, rejectedDir))
	return content, nil
}

var errDamaged = errors.New("not as probe wrote it")

// readQueued reads one file of the queue folder and holds it against the checksum in its name.
func readQueued(queue *os.Root, name string) (Queued, error) {
	data, err := readBounded(queue, name, MaxEventBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return Queued{}, err
	}
	if err != nil {
		return Queued{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	id, sum, _ := parseQueueName(name)
	if checksum(data) != sum {
		return Queued{}, errDamaged
	}
	q := Queued{Name: name, Bytes: data}
	if err := json.Unmarshal(data, &q.Event); err != nil {
		return Queued{}, fmt.Errorf("%w: %w", errDamaged, err)
	}
	if q.Event.Metadata.EventID == nil || *q.Event.Metadata.EventID != id.String() {
		return Queued{}, fmt.Errorf("%w: event_id differs from its name", errDamaged)
	}
	return q, nil
}

// readAll reads the named files with all processors, and keeps their order.
func readAll(root *os.Root, names []string) (events []Queued, damaged []string, err error) {
	if len(names) == 0 {
		return nil, nil, nil
	}
	queue, err := root.OpenRoot(queueDir) // once: names below it are looked up in one step
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = queue.Close() }()
	found := make([]Queued, len(names))
	bad := make([]bool, len(names))
	workers := min(runtime.GOMAXPROCS(0), 8)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(names); i += workers {
				q, err := readQueued(queue, names[i])
				found[i], bad[i] = q, errors.Is(err, errDamaged)
			}
		})
	}
	wait.Wait()
	for i, q := range found {
		if bad[i] {
			damaged = append(damaged, names[i])
		} else if q.Name != "" {
			events = append(events, q)
		}
	}
	return events, damaged, nil
}

// DropExcluded removes queued events of models that the patterns exclude, and returns their number. Path patterns say
// nothing about them: no event holds a path.
func DropExcluded(dir Dir, excluded Exclusions) (int, error) {
	root, err := dir.openData(false)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("queue: %w", err)
	}
	defer func() { _ = root.Close() }()
	content, err := ReadQueue(dir)
	if err != nil {
		return 0, err
	}
	dropped := 0
	for _, q := range content.Events {
		if excluded.MatchEvent(q.Event) && root.Remove(path.Join(queueDir, q.Name)) == nil {
			dropped++
		}
	}
	return dropped, nil
}
