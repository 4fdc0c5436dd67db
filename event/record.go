package event

import (
	"context"
	"fmt"
	"time"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/probe"
)

// Options are what the caller decides about events. The zero Options are those of the command line without flags.
type Options struct {
	Dir        emit.Dir            // the zero Dir: emit.DefaultDir
	Getenv     func(string) string // nil: os.Getenv
	Now        func() time.Time    // nil: time.Now
	ClientType string              // the program that calls; emit.DefaultClientType if empty
	Endpoint   string              // base URL; empty: the environment's or the default
	Disabled   bool                // make no event
}

// FieldError is an option that cannot be used: the name of its field, and why.
type FieldError struct {
	Field string
	Err   error
}

func (e *FieldError) Error() string { return fmt.Sprintf("event: %s: %v", e.Field, e.Err) }

// Unwrap returns the cause.
func (e *FieldError) Unwrap() error { return e.Err }

// Check reports, as a *FieldError, an option that no event could be made or sent with.
func (o Options) Check() error {
	if o.ClientType != "" {
		if err := emit.CheckClientType(o.ClientType); err != nil {
			return &FieldError{"ClientType", err}
		}
	}
	if o.Endpoint != "" {
		if _, err := emit.Endpoint(o.Endpoint, o.Getenv); err != nil {
			return &FieldError{"Endpoint", err}
		}
	}
	return nil
}

// Record makes the event of a report, queues it if the user's consent allows, and puts the event's metadata into the report.
// ref is what the model was asked for by.
func Record(r *probe.Report, ref string, o Options) emit.Entry {
	endpoint, err := emit.Endpoint(o.Endpoint, o.Getenv)
	if err != nil {
		endpoint = "" // the recorder finds the same, and says so if anything were to be sent
	}
	entry := emit.Recorder{
		Dir: o.Dir, Getenv: o.Getenv, Now: o.Now, AppVersion: probe.Version, ClientType: o.ClientType, Disabled: o.Disabled,
		Endpoint: endpoint,
	}.Record(Facts(r, ref))
	r.Metadata = entry.Event.Metadata
	return entry
}

// sendBudget is how long sending may keep a probe from ending after its report is out.
const sendBudget = 300 * time.Millisecond

// Send sends what is queued after a probe whose event is entry, if the user has turned sending on: at most once a day and
// within 0.3 s. What does not get through stays queued; the report is out already, so nothing here can fail it. Its own
// time limit holds, not that of the probe.
func Send(entry emit.Entry, o Options) { send(entry, o, sendBudget) }

func send(entry emit.Entry, o Options, budget time.Duration) {
	if entry.State != emit.StateQueued || entry.Decision.Mode != emit.ModeOn {
		return
	}
	endpoint, err := emit.Endpoint(o.Endpoint, o.Getenv)
	if err != nil {
		return // the environment's endpoint is unusable: the telemetry status says so
	}
	emit.Sender{
		Dir: o.Dir, Getenv: o.Getenv, Now: o.Now, AppVersion: probe.Version, Endpoint: endpoint,
	}.SendAfterProbe(context.Background(), budget)
}
