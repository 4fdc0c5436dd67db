package emit

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/divinedevops/probe/internal/wholefile"
)

const sendStateFile = "send.json"

// When the sender tries: a batch a day, and after failures 1, 2, 4, ... minutes up to a day, each with jitter. A server
// may ask for a longer wait (Retry-After), up to a week.
const (
	batchEvery    = 24 * time.Hour
	firstBackoff  = time.Minute
	maxBackoff    = 24 * time.Hour
	maxRetryAfter = 7 * 24 * time.Hour
)

// SendState is what the sender remembers from one process to the next: the content of telemetry/data/send.json.
type SendState struct {
	LastBatch  time.Time `json:"last_batch"`  // when the queue was last emptied
	Failures   int       `json:"failures"`    // in a row
	NotBefore  time.Time `json:"not_before"`  // no attempt before
	RetryAfter bool      `json:"retry_after"` // NotBefore is the server's own wish
	LastError  string    `json:"last_error"`
}

// readSendState forgets a file that cannot be read: the sender then begins anew.
func readSendState(root *os.Root) SendState {
	var s SendState
	data, err := readBounded(root, sendStateFile, 64<<10)
	if err != nil || json.Unmarshal(data, &s) != nil {
		return SendState{}
	}
	return s
}

func (s SendState) write(root *os.Root) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return wholefile.WriteIn(root, sendStateFile, append(data, '\n'))
}

// ReadSendState returns when the sender last emptied the queue, and what it waits for.
func ReadSendState(dir Dir) (SendState, error) {
	root, err := dir.openData(false)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNoDir) {
		return SendState{}, nil
	}
	if err != nil {
		return SendState{}, err
	}
	defer func() { _ = root.Close() }()
	return readSendState(root), nil
}

// waits reports whether an attempt is too early. A moment further away than any wait can be comes from a clock that has
// jumped since, and counts for nothing.
func (s SendState) waits(now time.Time) bool {
	return now.Before(s.NotBefore) && s.NotBefore.Sub(now) <= maxRetryAfter
}

// due reports whether the daily batch is to be sent; a last batch in the future is a clock's mistake.
func (s SendState) due(now time.Time) bool {
	return s.LastBatch.After(now) || now.Sub(s.LastBatch) >= batchEvery
}

// failed is the state after one more failure. jitter is in [0, 1).
func (s SendState) failed(now time.Time, reason string, retryAfter time.Duration, jitter float64) SendState {
	s.Failures++
	backoff := maxBackoff
	if s.Failures <= 12 {
		backoff = min(firstBackoff<<(s.Failures-1), maxBackoff)
	}
	backoff = backoff/2 + time.Duration(jitter*float64(backoff/2))
	s.RetryAfter = retryAfter > backoff
	s.NotBefore = now.Add(max(backoff, retryAfter)).UTC()
	s.LastError = reason
	return s
}

// parseRetryAfter reads the header (RFC 9110, section 10.2.3): seconds, or a date. Nonsense is no wait.
func parseRetryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

func defaultJitter() float64 { return rand.Float64() }
