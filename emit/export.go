package emit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/divinedevops/probe/internal/wholefile"
	"github.com/google/uuid"
)

// ExportVersion is the version of the export file's format.
const ExportVersion = "1.0"

// exportedEvent is an event laid flat.
type exportedEvent struct {
	EventType  string `json:"event_type"`
	AppVersion string `json:"app_version"`
	ClientType string `json:"client_type"`
	Metadata          // its keys stand next to the others
}

// Export writes the queue as CONTRACT's export file: one JSON object with export_version, export_timestamp, client_id
// (null if there is none) and events, one a line. It returns the number of events.
func Export(dir Dir, w io.Writer, now time.Time) (int, error) {
	content, err := ReadQueue(dir)
	if err != nil {
		return 0, err
	}
	client, err := ClientID(dir)
	if err != nil {
		return 0, err
	}
	head, err := json.Marshal(struct {
		Version   string  `json:"export_version"`
		Timestamp string  `json:"export_timestamp"`
		ClientID  *string `json:"client_id"`
	}{ExportVersion, now.UTC().Format(time.RFC3339), client})
	if err != nil {
		return 0, err
	}
	out := &exportWriter{w: w}
	out.print("%s,\n\"events\":[", head[:len(head)-1])
	for i, q := range content.Events {
		line, err := json.Marshal(exportedEvent{q.Event.EventName, q.Event.AppVersion, q.Event.ClientType, q.Event.Metadata})
		if err != nil {
			return 0, err
		}
		separator := ",\n"
		if i == 0 {
			separator = "\n"
		}
		out.print("%s%s", separator, line)
	}
	out.print("\n]}\n")
	return len(content.Events), out.err
}

// exportWriter remembers the first error.
type exportWriter struct {
	w   io.Writer
	err error
}

func (e *exportWriter) print(format string, args ...any) {
	if e.err == nil {
		_, e.err = fmt.Fprintf(e.w, format, args...)
	}
}

// ClientID is this installation's random id, nil if no event was made yet. It makes none.
func ClientID(dir Dir) (*string, error) {
	root, err := dir.openData(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("client id: %w", err)
	}
	defer func() { _ = root.Close() }()
	file := newestOf(root, clientIDFile)
	if file == "" {
		return nil, nil
	}
	data, err := readBounded(root, file, 4096)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("client id: %w", err)
	}
	id, err := uuid.ParseBytes(data[:min(36, len(data))])
	if err != nil {
		return nil, nil // damaged: the next event gets a new one
	}
	text := id.String()
	return &text, nil
}

// ResetID makes this installation a new client id, and a new secret for local_path_hash with it, which would link the
// two. Events that are queued already keep the old id.
func ResetID(dir Dir, now time.Time) (string, error) {
	root, err := dir.openData(true)
	if err != nil {
		return "", fmt.Errorf("client id: %w", err)
	}
	defer func() { _ = root.Close() }()
	for _, file := range append(monthsOf(root, pathSecretFile), monthsOf(root, clientIDFile)...) {
		if err := root.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("client id: %w", err)
		}
	}
	id := uuid.NewString()
	if err := wholefile.WriteIn(root, clientIDFile+"."+now.UTC().Format(monthLayout), []byte(id+"\n")); err != nil {
		return "", fmt.Errorf("client id: %w", err)
	}
	return id, nil
}
