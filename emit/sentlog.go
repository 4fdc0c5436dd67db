package emit

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

const (
	sentLogFile    = "sent.ndjson"
	sentLogOldFile = "sent.1.ndjson"
	maxSentLog     = 4 << 20 // bytes; then it becomes sent.1.ndjson, and the one before that goes
)

// Sent is one line of the log of what was sent: telemetry/data/sent.ndjson.
type Sent struct {
	SentAt   time.Time       `json:"sent_at"`
	Endpoint string          `json:"endpoint"`
	Status   int             `json:"status"` // the server's answer: 200 or 201, or the 4xx with which it refused
	EventID  string          `json:"event_id"`
	Event    json.RawMessage `json:"event"` // exactly what was sent
}

// appendSent notes one event durably, before its file leaves the queue.
func appendSent(root *os.Root, line Sent) error {
	data, err := json.Marshal(line)
	if err != nil {
		return err
	}
	if info, err := root.Stat(sentLogFile); err == nil && info.Size() > maxSentLog {
		if err := root.Rename(sentLogFile, sentLogOldFile); err != nil {
			return err
		}
	}
	f, _, err := openRegular(root, sentLogFile, os.O_WRONLY|os.O_CREATE|os.O_APPEND)
	if err != nil {
		return err
	}
	_, err = f.Write(append(data, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// repairSentLog cuts off a last line that a crash has torn, and returns the last whole one, nil if there is none.
func repairSentLog(root *os.Root) (*Sent, error) {
	f, _, err := openRegular(root, sentLogFile, os.O_RDWR)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	tail := make([]byte, min(size, 4*MaxEventBytes))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return nil, err
	}
	whole := tail[:bytes.LastIndexByte(tail, '\n')+1]
	if torn := int64(len(tail) - len(whole)); torn > 0 {
		if err := f.Truncate(size - torn); err != nil {
			return nil, err
		}
	}
	if len(whole) == 0 {
		return nil, nil
	}
	last := whole[bytes.LastIndexByte(whole[:len(whole)-1], '\n')+1:]
	var line Sent
	if json.Unmarshal(last, &line) != nil {
		return nil, nil // changed on disk: it says nothing
	}
	return &line, nil
}

// ReadSentLog returns what was sent, oldest first, as far back as the log goes. Lines that cannot be read are left out.
func ReadSentLog(dir Dir) ([]Sent, error) {
	root, err := dir.openData(false)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNoDir) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	var all []Sent
	for _, name := range []string{sentLogOldFile, sentLogFile} {
		data, err := readBounded(root, name, 2*maxSentLog)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for line := range bytes.Lines(data) {
			var s Sent
			if json.Unmarshal(line, &s) == nil {
				all = append(all, s)
			}
		}
	}
	return all, nil
}
