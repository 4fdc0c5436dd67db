package emit

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/divinedevops/probe/internal/grammar"
)

// State says what became of an event.
type State string

// The states. Only Queued means that something was written.
const (
	StateQueued   State = "queued"
	StateOff      State = "off"      // telemetry is off
	StateDisabled State = "disabled" // --no-telemetry
	StateExcluded State = "excluded" // the user excluded this model
	StateFailed   State = "failed"   // the queue could not be written; Entry.Warning says why
)

// Recorder makes events and queues them, as far as the user's consent goes.
type Recorder struct {
	Dir        Dir
	Getenv     func(string) string
	Now        func() time.Time
	AppVersion string
	ClientType string // DefaultClientType where empty
	Disabled   bool   // --no-telemetry
	Limits     Limits // DefaultLimits where zero
}

// Entry is what became of one event.
type Entry struct {
	State    State
	Event    Event    // its ids are empty where State is not StateQueued
	Decision Decision // the consent that held
	Pattern  string   // StateExcluded: the pattern that matched
	Warning  string   // one line for standard error; empty where all is well
}

// Record makes an event of facts and queues it durably. It never fails as a whole: the metadata is always there for the
// report, and Entry says whether it was queued.
func (r Recorder) Record(f Facts) Entry {
	e := Entry{Event: r.event(f, Identity{})}
	if r.Disabled {
		e.State = StateDisabled
		return e
	}
	e.Decision = Decide(r.Dir, r.Getenv)
	e.Warning = e.Decision.Warning
	if e.Decision.Mode == ModeOff {
		e.State = StateOff
		return e
	}
	excluded, err := ReadExclusions(r.Dir)
	if err != nil { // what is excluded is not known, so nothing is recorded
		e.State, e.Warning = StateFailed, r.failure(err)
		return e
	}
	if e.Pattern = excluded.Match(f); e.Pattern != "" {
		e.State = StateExcluded
		return e
	}
	event, dropped, err := r.enqueue(f)
	switch {
	case err != nil:
		e.State, e.Warning = StateFailed, r.failure(err)
	case dropped > 0:
		e.State, e.Event = StateQueued, event
		e.Warning = fmt.Sprintf("telemetry: the queue is full: the oldest %s made room (probe telemetry view, send or purge)",
			grammar.Plural(dropped, "event"))
	default:
		e.State, e.Event = StateQueued, event
	}
	return e
}

// enqueue tries again where a purge took the data folder away underneath it: an event must not carry a purged id.
func (r Recorder) enqueue(f Facts) (event Event, dropped int, err error) {
	for range 5 {
		if event, dropped, err = r.enqueueOnce(f); err == nil || !isPurged(err) {
			break
		}
	}
	return event, dropped, err
}

func (r Recorder) enqueueOnce(f Facts) (Event, int, error) {
	root, err := r.Dir.openData(true)
	if err != nil {
		return Event{}, 0, err
	}
	defer func() { _ = root.Close() }()
	if err := ensureQueue(root); err != nil {
		return Event{}, 0, err
	}
	client, err := clientID(root)
	if err != nil {
		return Event{}, 0, err
	}
	var secret []byte
	if f.Origin == OriginLocal && f.LocalPath != "" {
		if secret, err = pathSecret(root); err != nil {
			return Event{}, 0, err
		}
	}
	limits := r.Limits
	if limits == (Limits{}) {
		limits = DefaultLimits()
	}
	return put(root, limits, r.Now(), func(id uuid.UUID) Event {
		return r.event(f, Identity{ClientID: client, EventID: id, PathSecret: secret})
	})
}

// ensureQueue makes the queue folder where somebody removed it alone.
func ensureQueue(root *os.Root) error {
	if err := root.Mkdir(queueDir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

func (r Recorder) event(f Facts, id Identity) Event {
	id.AppVersion, id.ClientType, id.Time, id.Getenv = r.AppVersion, r.ClientType, r.Now(), r.Getenv
	return NewEvent(f, id)
}

func (r Recorder) failure(err error) string {
	return fmt.Sprintf("telemetry: the event was not recorded (the report is complete): %v: "+
		"make that folder writable, set PROBE_HOME, or set PROBE_TELEMETRY=off", err)
}

// Line is the report's last line: what became of the event, in at most 80 columns.
func (e Entry) Line() string {
	switch e.State {
	case StateQueued:
		if e.Decision.Mode == ModeOn {
			return "queued, to be sent: telemetry is on (probe telemetry)"
		}
		return "queued here, not sent: telemetry is local (probe telemetry)"
	case StateDisabled:
		return "nothing recorded: --no-telemetry"
	case StateExcluded:
		return "nothing recorded: this model is excluded (probe telemetry exclude)"
	case StateOff:
		return "nothing recorded: telemetry is off, " + e.Decision.Reason + " (probe telemetry)"
	}
	return "not recorded: the telemetry queue cannot be written (probe telemetry)"
}
