package emit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/divinedevops/probe/internal/wholefile"
	"github.com/gofrs/flock"
)

// Sender sends what is queued, if the user's consent is ModeOn: one event a POST, the oldest first.
type Sender struct {
	Dir        Dir                 // the zero Dir: DefaultDir
	Getenv     func(string) string // nil: os.Getenv
	Now        func() time.Time    // nil: time.Now
	AppVersion string              // 0.0.0 if empty
	Endpoint   string              // a URL that Endpoint returned; empty: the environment's or the default
	Transport  http.RoundTripper   // nil: verified HTTPS through the environment's proxy
	Jitter     func() float64      // in [0, 1); nil: random
}

func (s Sender) withDefaults() (Sender, error) {
	s.Dir, s.Getenv, s.Now = defaults(s.Dir, s.Getenv, s.Now)
	s.AppVersion = appVersion(s.AppVersion, nil)
	if s.Jitter == nil {
		s.Jitter = defaultJitter
	}
	var err error
	if s.Endpoint == "" {
		s.Endpoint, err = Endpoint("", s.Getenv)
	}
	return s, err
}

// Errors of a sender that did not begin.
var (
	ErrNotOn = errors.New("telemetry is not on")
	ErrBusy  = errors.New("another process is sending")
)

// What ends a batch at once, also in the middle of a POST.
var (
	errTurnedOff = errors.New("telemetry was turned off")
	errPurged    = errors.New("the queue was purged")
)

// maxRefusedInARow ends a batch: a server that refuses one event after the other has nothing against the events.
const maxRefusedInARow = 3

// SendResult is what a batch did.
type SendResult struct {
	Sent, Refused, Damaged, Excluded int
	Left                             int    // still queued
	Stopped                          string // why events are left; empty if none is
}

// Send sends a batch now, whatever the daily schedule and earlier failures say, but not before a moment the server
// asked for (Retry-After). It fails with ErrNotOn or ErrBusy; a server that is not there is no error but
// SendResult.Stopped. Turning telemetry off, and a purge, end it at once.
func (s Sender) Send(ctx context.Context) (SendResult, error) { return s.send(ctx, true) }

// SendAfterProbe sends a batch if one is due, within budget: it returns no later than budget (plus the time of a file
// operation). It never fails: what is not sent stays queued.
func (s Sender) SendAfterProbe(ctx context.Context, budget time.Duration) SendResult {
	ctx, cancel := context.WithTimeoutCause(ctx, budget, errors.New("there was no more time after the probe"))
	defer cancel()
	result, err := s.send(ctx, false)
	if err != nil {
		result.Stopped = err.Error()
	}
	return result
}

func (s Sender) send(ctx context.Context, asked bool) (result SendResult, err error) {
	if s, err = s.withDefaults(); err != nil {
		return result, err
	}
	if d := Decide(s.Dir, s.Endpoint, s.Getenv); d.Mode != ModeOn {
		return result, fmt.Errorf("%w: it is %s (%s)", ErrNotOn, d.Mode, d.Reason)
	}
	root, err := s.Dir.openData(false)
	if errors.Is(err, fs.ErrNotExist) {
		return result, nil // nothing was ever queued
	}
	if err != nil {
		return result, fmt.Errorf("send: %w", err)
	}
	defer func() { _ = root.Close() }()
	switch state, now := readSendState(root), s.Now(); {
	case state.waits(now) && (state.RetryAfter || !asked):
		result.Stopped = fmt.Sprintf("waiting until %s: %s", state.NotBefore.Format(time.RFC3339), state.LastError)
		return result, nil
	case !asked && !state.due(now):
		result.Stopped = "the last batch is less than a day ago"
		return result, nil
	}
	// An OS lock: if its holder dies, it is free. The file stays, because removing it would let two hold it.
	lock := flock.New(filepath.Join(s.Dir.Telemetry(), "sender.lock"), flock.SetPermissions(0o600))
	if info, err := os.Lstat(lock.Path()); err == nil && !info.Mode().IsRegular() {
		return result, fmt.Errorf("send: %s: expected a regular file, found %s", lock.Path(), info.Mode().Type())
	}
	held, err := lock.TryLock()
	if err != nil {
		return result, fmt.Errorf("send: %w", err)
	}
	if !held {
		return result, ErrBusy
	}
	defer func() { _ = lock.Close() }()
	ctx, stop := s.watch(ctx, root)
	defer stop()
	b := batch{Sender: s, root: root, state: readSendState(root)}
	err = b.run(ctx)
	return b.result, err
}

// watch returns a context that ends when telemetry is turned off or purged by another process.
func (s Sender) watch(ctx context.Context, root *os.Root) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			if err := s.mayGoOn(root); err != nil {
				cancel(err)
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}()
	return ctx, func() { cancel(nil); <-done }
}

// mayGoOn reports whether consent still stands and the data folder is still the one that was opened.
func (s Sender) mayGoOn(root *os.Root) error {
	if Decide(s.Dir, s.Endpoint, s.Getenv).Mode != ModeOn {
		return errTurnedOff
	}
	mine, err := root.Stat(".")
	if err != nil {
		return errPurged
	}
	current, err := os.Stat(s.Dir.data())
	if err != nil || !os.SameFile(mine, current) {
		return errPurged
	}
	return nil
}

// batch is one run over the queue, under the sender's lock.
type batch struct {
	Sender
	root   *os.Root
	state  SendState
	result SendResult
}

func (b *batch) run(ctx context.Context) error {
	if err := sweepPurged(b.Dir); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if err := b.recover(); err != nil {
		return fmt.Errorf("send: log of what was sent: %w", err)
	}
	excluded, err := ReadExclusions(b.Dir)
	if err != nil {
		return err
	}
	included, err := ReadInclusions(b.Dir)
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	list, err := listQueue(b.root)
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	transport := b.Transport
	if transport == nil {
		own := defaultTransport()
		defer own.CloseIdleConnections()
		transport = own
	}
	client := newClient(transport)
	refused := 0
	for i, name := range list.names {
		b.result.Left = len(list.names) - i
		switch p, err := b.one(ctx, client, name, excluded, included); {
		case err != nil:
			if cause := b.mayGoOn(b.root); cause != nil {
				err, b.result.Stopped = nil, cause.Error()
			}
			return err
		case p.answer == answerLater:
			return b.fail(p)
		case p.answer == answerRefused:
			if refused++; refused == maxRefusedInARow {
				b.result.Left--
				return b.fail(p)
			}
		default:
			refused = 0
		}
	}
	b.result.Left = 0
	b.state = SendState{LastBatch: b.Now().UTC()}
	return b.save()
}

// recover finishes what a crash has interrupted: the event of the log's last line was stored by the server, so that
// its file, if it still is in the queue, must not be sent again.
func (b *batch) recover() error {
	last, err := repairSentLog(b.root)
	if err != nil || last == nil || last.Status >= 400 {
		return err
	}
	list, err := listQueue(b.root)
	if err != nil {
		return err
	}
	for _, name := range list.names {
		if name[:36] == last.EventID {
			return b.remove(name)
		}
	}
	return nil
}

// one sends the event of one file and notes what became of it. An error means that it could not be noted.
func (b *batch) one(ctx context.Context, client *http.Client, name string, excluded Exclusions, included Inclusions) (posted, error) {
	queue, err := b.root.OpenRoot(queueDir)
	if err != nil {
		return posted{}, err
	}
	q, err := readQueued(queue, name)
	_ = queue.Close()
	switch {
	case errors.Is(err, errDamaged):
		b.result.Damaged++
		return posted{}, setAside(b.root, name, damagedDir)
	case errors.Is(err, fs.ErrNotExist): // made room for a newer one
		return posted{}, nil
	case err != nil:
		return posted{}, err
	case excluded.MatchEvent(q.Event) || !included.MatchEvent(q.Event):
		b.result.Excluded++
		return posted{}, b.remove(name)
	}
	// The last moment to heed a decision made meanwhile.
	if err := b.mayGoOn(b.root); err != nil {
		return posted{}, err
	}
	p := b.post(ctx, client, q.Bytes)
	note := Sent{b.Now().UTC(), b.Endpoint, p.status, name[:36], q.Bytes}
	switch p.answer {
	case answerStored:
		if err := appendSent(b.root, note); err != nil {
			return p, err
		}
		b.result.Sent++
		return p, b.remove(name)
	case answerRefused:
		if err := setAside(b.root, name, rejectedDir); err != nil {
			return p, err
		}
		b.result.Refused++
		return p, appendSent(b.root, note)
	}
	return p, nil
}

func (b *batch) remove(name string) error {
	if err := b.root.Remove(path.Join(queueDir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return wholefile.SyncDir(b.root, queueDir)
}

// fail ends the batch for now. The wait grows from failure to failure, and starts over once something was sent.
func (b *batch) fail(p posted) error {
	b.result.Stopped = p.reason
	if err := b.mayGoOn(b.root); err != nil {
		b.result.Stopped = err.Error()
		return nil //nolint:nilerr // the result says why the batch ended
	}
	if b.result.Sent > 0 {
		b.state.Failures = 0
	}
	b.state = b.state.failed(b.Now(), p.reason, p.retryAfter, b.Jitter())
	return b.save()
}

func (b *batch) save() error {
	if err := b.state.write(b.root); err != nil {
		if cause := b.mayGoOn(b.root); cause != nil {
			b.result.Stopped = cause.Error()
			return nil //nolint:nilerr // the result says why the batch ended
		}
		return fmt.Errorf("send: %w", err)
	}
	return nil
}
