package emit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
)

const purgedPrefix = ".purged-"

// Purge removes the queue, the client id, the path secret, the log of what was sent and what was set aside. The data
// folder is renamed away first, in one step: a process that is writing an event, or sending one, loses the ground under
// its feet and cannot put anything back. Consent and exclusions stay. It returns the number of queued events removed.
func Purge(dir Dir) (events int, err error) {
	if dir.path == "" {
		return 0, nil
	}
	if root, err := dir.openData(false); err == nil {
		if list, err := listQueue(root); err == nil {
			events = len(list.names)
		}
		_ = root.Close()
	}
	away := filepath.Join(dir.Telemetry(), purgedPrefix+uuid.NewString())
	if err := os.Rename(dir.data(), away); err != nil && !errors.Is(err, fs.ErrNotExist) {
		// If a folder in use cannot be renamed (Windows), it is emptied in place.
		if err := removeAll(dir.data()); err != nil {
			return 0, fmt.Errorf("purge: %w", err)
		}
	}
	if err := sweepPurged(dir); err != nil {
		return 0, fmt.Errorf("purge: %w", err)
	}
	return events, nil
}

// sweepPurged removes data folders that were renamed away, also those of a purge that was killed.
func sweepPurged(dir Dir) error {
	entries, err := os.ReadDir(dir.Telemetry())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), purgedPrefix) {
			err = errors.Join(err, removeAll(filepath.Join(dir.Telemetry(), entry.Name())))
		}
	}
	return err
}

// removeAll is os.RemoveAll, again if another process put a file into the folder meanwhile.
func removeAll(path string) (err error) {
	for range 20 {
		if err = os.RemoveAll(path); err == nil {
			return nil
		}
	}
	return err
}
