package emit

import (
	"errors"
	"os"
	"slices"
	"time"

	"github.com/google/uuid"
)

// State is what became of an event.
type State string

// The states. Only Queued means that something was written.
const (
	StateQueued   State = "queued"
	StateOff      State = "off"      // telemetry is off
	StateDisabled State = "disabled" // Recorder.Disabled
	StateExcluded State = "excluded" // the user excluded this model
	StateFailed   State = "failed"   // the queue could not be written: a notice says why
)

// Recorder makes events and queues them, as far as the user's consent goes. The zero Recorder is that of a program that
// has nothing to add.
type Recorder struct {
	Dir        Dir                 // the zero Dir: DefaultDir
	Getenv     func(string) string // nil: os.Getenv
	Now        func() time.Time    // nil: time.Now
	AppVersion string              // 0.0.0 if empty
	Endpoint   string              // where events would go, a URL that Endpoint returned; empty: the environment's or the default
	ClientType string              // DefaultClientType if empty
	Disabled   bool                // make no event this time
	Limits     Limits              // DefaultLimits if zero
}

// withDefaults fills in what the zero values stand for. Without a folder to work in, Dir stays zero.
func (r Recorder) withDefaults() Recorder {
	r.Dir, r.Getenv, r.Now = defaults(r.Dir, r.Getenv, r.Now)
	if r.Limits == (Limits{}) {
		r.Limits = DefaultLimits()
	}
	return r
}

// defaults are those that a Recorder and a Sender share.
func defaults(dir Dir, getenv func(string) string, now func() time.Time) (Dir, func(string) string, func() time.Time) {
	if getenv == nil {
		getenv = os.Getenv
	}
	if now == nil {
		now = time.Now
	}
	if dir == (Dir{}) {
		dir, _ = DefaultDir(getenv) // without one, opening it says so
	}
	return dir, getenv, now
}

// Entry is what became of one event.
type Entry struct {
	State    State
	Event    Event    // its ids are empty if State is not StateQueued
	Decision Decision // the consent that held
	Pattern  string   // StateExcluded: the pattern that matched
	Notices  []Notice // what the user should know, Decision's included
}

// Record makes an event of facts and queues it durably. It never fails as a whole: the metadata is always there for the
// report, and Entry says whether it was queued.
func (r Recorder) Record(f Facts) Entry {
	r = r.withDefaults()
	included, includedErr := ReadInclusions(r.Dir)
	e := Entry{Event: r.event(f, Identity{Included: included})}
	if r.Disabled {
		e.State = StateDisabled
		return e
	}
	e.Decision = Decide(r.Dir, r.Endpoint, r.Getenv)
	e.Notices = slices.Clone(e.Decision.Notices)
	if e.Decision.Mode == ModeOff {
		e.State = StateOff
		return e
	}
	if includedErr != nil { // only what is known to be public is named
		e.Notices = append(e.Notices, Notice{Code: NoticeInclusions, Err: includedErr})
	}
	failed := func(err error) Entry {
		e.State = StateFailed
		e.Notices = append(e.Notices, Notice{Code: NoticeNotRecorded, Err: err})
		return e
	}
	excluded, err := ReadExclusions(r.Dir)
	if err != nil { // what is excluded is not known, so nothing is recorded
		return failed(err)
	}
	if e.Pattern = excluded.Match(f); e.Pattern != "" {
		e.State = StateExcluded
		return e
	}
	q, err := r.enqueue(f, Identity{Included: included}, e.Decision)
	if err != nil {
		return failed(err)
	}
	e.State, e.Event = StateQueued, q.event
	if q.dropped > 0 {
		e.Notices = append(e.Notices, Notice{Code: NoticeQueueFull, Count: q.dropped})
	}
	// While nothing is sent a name would go nowhere: the question is kept for whoever turns sending on.
	if q.withheld != "" && e.Decision.Mode == ModeOn {
		e.Notices = append(e.Notices, Notice{Code: NoticeNameWithheld, Publisher: q.withheld})
	}
	return e
}

// enqueued is what enqueue did.
type enqueued struct {
	event    Event
	dropped  int    // old events that made room
	withheld string // the publisher that was not named, if it is the first time
}

// enqueue tries again if a purge took the data folder away underneath it: an event must not carry a purged id.
func (r Recorder) enqueue(f Facts, id Identity, d Decision) (q enqueued, err error) {
	for range 5 {
		if q, err = r.enqueueOnce(f, id, d); err == nil || !isPurged(err) {
			break
		}
	}
	return q, err
}

func (r Recorder) enqueueOnce(f Facts, id Identity, d Decision) (q enqueued, err error) {
	root, err := r.Dir.openData(true)
	if err != nil {
		return q, err
	}
	defer func() { _ = root.Close() }()
	if err := ensureQueue(root); err != nil {
		return q, err
	}
	now, keepID := r.Now(), d.Given != nil && d.Given.KeepID
	if id.ClientID, err = clientID(root, now, keepID); err != nil {
		return q, err
	}
	if f.Origin == OriginLocal && f.LocalPath != "" {
		if id.PathSecret, err = pathSecret(root, now, keepID); err != nil {
			return q, err
		}
	}
	q.event, q.dropped, err = put(root, r.Limits, now, func(event uuid.UUID) Event {
		id.EventID = event
		return r.event(f, id)
	})
	if err == nil && isNameable(f, ownWords(r.Getenv)) && !id.Included.isPublic(f) {
		if publisher := publisherOf(f.Model); noteWithheld(root, publisher) {
			q.withheld = publisher
		}
	}
	return q, err
}

// ensureQueue makes the queue folder if somebody removed it alone.
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
