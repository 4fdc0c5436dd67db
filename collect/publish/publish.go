// Package publish copies what was collected to a file in a GitHub repository.
package publish

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/divinedevops/probe/collect/record"
)

// Publish appends the records that the repository's file does not hold yet, at most batch of them in one commit, as
// lines of JSON without the senders' addresses. What the file holds is read from the file itself, so that nothing is
// published twice, whatever was interrupted. It returns the number of lines appended, and of those still to come.
func (g GitHub) Publish(ctx context.Context, records iter.Seq2[record.Record, error], batch int) (appended, left int, err error) {
	for attempt := 1; ; attempt++ {
		appended, left, err = g.publishOnce(ctx, records, batch)
		if err == nil || !errors.Is(err, errConflict) && !errors.Is(err, errTemporary) {
			return appended, left, err
		}
		if attempt == maxGitHubTries {
			return 0, left, fmt.Errorf("given up after %d attempts: %w", attempt, err)
		}
		wait := g.Wait
		if wait == nil {
			wait = pause
		}
		if err := wait(ctx, attempt); err != nil {
			return 0, left, err
		}
	}
}

func (g GitHub) publishOnce(ctx context.Context, records iter.Seq2[record.Record, error], batch int) (appended, left int, err error) {
	file, err := g.read(ctx)
	if err != nil {
		return 0, 0, err
	}
	lines, left, err := missing(file.content, records, batch)
	if err != nil || len(lines) == 0 {
		return 0, left, err
	}
	content := file.content
	if len(content) > 0 && content[len(content)-1] != '\n' {
		content = append(content, '\n')
	}
	for _, line := range lines {
		if len(content)+len(line)+1 > maxGitHubFile {
			return 0, left, fmt.Errorf("github: %s would grow past %d bytes: set FILE_PATH to a new file", g.Path, maxGitHubFile)
		}
		content = append(append(content, line...), '\n')
	}
	message := fmt.Sprintf("Telemetry: %d events", len(lines))
	if len(lines) == 1 {
		message = "Telemetry: 1 event"
	}
	if err := g.write(ctx, file, content, message); err != nil {
		return 0, left, err
	}
	return len(lines), left, nil
}

// missing returns the lines of the records that content lacks, at most batch, and the number of the others. A record is
// known by its event_id, one without by the whole line: of equal lines as many are kept as there are records.
func missing(content []byte, records iter.Seq2[record.Record, error], batch int) (lines [][]byte, left int, err error) {
	known := map[record.Key]int{}
	for line := range bytes.Lines(content) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			known[lineKey(line)]++
		}
	}
	for r, err := range records {
		if err != nil {
			return nil, 0, err
		}
		r.IP, r.Network = "", ""
		line, err := json.Marshal(r)
		if err != nil {
			return nil, 0, err
		}
		if key := lineKey(line); known[key] > 0 {
			known[key]--
		} else if len(lines) < batch {
			lines = append(lines, line)
		} else {
			left++
		}
	}
	return lines, left, nil
}

func lineKey(line []byte) record.Key {
	var r struct {
		Metadata json.RawMessage `json:"metadata"`
	}
	if json.Unmarshal(line, &r) == nil {
		if id := record.EventIDOf(r.Metadata); id != "" {
			return record.KeyOf("id:" + id)
		}
	}
	return record.KeyOf("line:" + string(line))
}

// pause waits 1, 2, 4, ... seconds.
func pause(ctx context.Context, attempt int) error {
	timer := time.NewTimer(time.Second << (attempt - 1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
