package emit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/divinedevops/probe/internal/wholefile"
	"github.com/google/uuid"
)

const (
	queueDir    = "queue"
	damagedDir  = "damaged"
	rejectedDir = "rejected"
)

// staleAfter is the age at which a file that was being written is given up: its writer died. The time in its name is that
// of the day, so a file of two days ago is more than a day old.
const staleAfter = 48 * time.Hour

// listing is what lies in the queue folder.
type listing struct {
	names   []string // queued events, oldest first
	foreign []string // files whose names probe did not give
	temps   []string // being written, or left by a writer that died
}

// listQueue reads the folder's names; it opens no file. A folder that is not there is an empty queue.
func listQueue(root *os.Root) (listing, error) {
	var l listing
	dir, err := root.Open(queueDir)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	defer func() { _ = dir.Close() }()
	all, err := dir.Readdirnames(-1)
	if err != nil {
		return l, err
	}
	for _, name := range all {
		switch _, _, ok := parseQueueName(name); {
		case ok:
			l.names = append(l.names, name)
		case strings.HasPrefix(name, wholefile.TempPrefix):
			l.temps = append(l.temps, name)
		case !strings.HasPrefix(name, "."):
			l.foreign = append(l.foreign, name)
		}
	}
	slices.Sort(l.names)
	return l, nil
}

// latest is the id of the newest event; the nil UUID if there is none.
func (l listing) latest() uuid.UUID {
	if len(l.names) == 0 {
		return uuid.Nil
	}
	id, _, _ := parseQueueName(l.names[len(l.names)-1])
	return id
}

// sweep removes what writers that died have left.
func (l listing) sweep(root *os.Root, now time.Time) {
	for _, name := range l.temps {
		id, err := uuid.Parse(strings.TrimPrefix(name, wholefile.TempPrefix)[:min(36, len(name)-len(wholefile.TempPrefix))])
		if err != nil || now.Sub(timeOf(id)) > staleAfter {
			_ = root.Remove(path.Join(queueDir, name))
		}
	}
}

// maxAside caps each folder of files that were set aside; the oldest go.
const maxAside = 1000

// setAside moves a queued file to another folder of the data folder, where nothing is ever sent from.
func setAside(root *os.Root, name, folder string) error {
	if err := root.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := root.Rename(path.Join(queueDir, name), path.Join(folder, name)); err != nil {
		return err
	}
	if all := names(root, folder); len(all) > maxAside {
		slices.Sort(all)
		for _, old := range all[:len(all)-maxAside] {
			_ = root.RemoveAll(path.Join(folder, old))
		}
	}
	return errors.Join(wholefile.SyncDir(root, folder), wholefile.SyncDir(root, queueDir))
}

// names lists a folder of the data folder; nothing if it cannot be read.
func names(root *os.Root, folder string) []string {
	dir, err := root.Open(folder)
	if err != nil {
		return nil
	}
	defer func() { _ = dir.Close() }()
	all, _ := dir.Readdirnames(-1)
	return all
}

// Requeue puts the events that the server refused back into the queue and returns their number.
func Requeue(dir Dir) (int, error) {
	root, err := dir.openData(false)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("queue: %w", err)
	}
	defer func() { _ = root.Close() }()
	moved := 0
	for _, name := range names(root, rejectedDir) {
		if err := root.Rename(path.Join(rejectedDir, name), path.Join(queueDir, name)); err != nil {
			return moved, fmt.Errorf("queue: %w", err)
		}
		moved++
	}
	if moved > 0 {
		err = errors.Join(wholefile.SyncDir(root, queueDir), wholefile.SyncDir(root, rejectedDir))
	}
	return moved, err
}
