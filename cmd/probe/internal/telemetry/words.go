package telemetry

import (
	"fmt"
	"time"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/internal/printable"
)

// Line is the last line of a report for a person: what became of its event, in at most 80 columns.
func Line(e emit.Entry) string {
	switch e.State {
	case emit.StateQueued:
		if e.Decision.Mode == emit.ModeOn {
			return "queued, to be sent: telemetry is on (probe telemetry)"
		}
		return "queued here, not sent: telemetry is local (probe telemetry)"
	case emit.StateDisabled:
		return "nothing recorded: --no-telemetry"
	case emit.StateExcluded:
		return "nothing recorded: this model is excluded (probe telemetry exclude)"
	case emit.StateOff:
		return "nothing recorded: telemetry is off, " + e.Decision.Reason + " (probe telemetry)"
	}
	return "not recorded: the telemetry queue cannot be written (probe telemetry)"
}

// Warning is a notice as a sentence, with what to do about it, on one line and with nothing that a terminal would obey.
func Warning(n emit.Notice) string { return printable.Line(sentence(n)) }

func sentence(n emit.Notice) string {
	switch n.Code {
	case emit.NoticeConsentUnreadable:
		return fmt.Sprintf("telemetry is off: %v: decide again with `probe telemetry off|local|on`", n.Err)
	case emit.NoticeMoreFields:
		return fmt.Sprintf("this version of probe would send more than you agreed to on %s: "+
			"nothing is sent until `probe telemetry on` is run again", n.Since.Format(time.DateOnly))
	case emit.NoticeOtherEndpoint:
		return fmt.Sprintf("telemetry is on for %s, not for %s: nothing is sent there unless you agree to it: "+
			"`probe telemetry on --endpoint URL`", orDash(n.Agreed), n.Endpoint)
	case emit.NoticeEndpointUnusable:
		return fmt.Sprintf("nothing is sent: %v: set PROBE_TELEMETRY_ENDPOINT to another, or unset it", n.Err)
	case emit.NoticeNameWithheld:
		return fmt.Sprintf("events say \"local\" of models by %[1]s, which is not known to publish for everybody; "+
			"to name them: `probe telemetry include %[1]s`", n.Publisher)
	case emit.NoticeInclusions:
		return fmt.Sprintf("telemetry: only models known to be public are named: %v: name the others again with "+
			"`probe telemetry include`", n.Err)
	case emit.NoticeEnvironment:
		return fmt.Sprintf("telemetry is off: %v: set it to one of these, or unset it", n.Err)
	case emit.NoticeQueueFull:
		return fmt.Sprintf("telemetry: the queue is full: the oldest %s made room (probe telemetry view, send or purge)",
			grammar.Plural(n.Count, "event"))
	case emit.NoticeNotRecorded:
		return fmt.Sprintf("telemetry: the event was not recorded (the report is complete): %v: "+
			"make that folder writable, set PROBE_HOME, or set PROBE_TELEMETRY=off", n.Err)
	}
	return fmt.Sprintf("telemetry: %s", n.Code)
}

// Warnings are the notices as sentences.
func Warnings(notices []emit.Notice) []string {
	var out []string
	for _, n := range notices {
		out = append(out, Warning(n))
	}
	return out
}

// Home is where probe keeps its state; the zero Dir if there is no such folder, and each command says so.
func Home(getenv func(string) string) emit.Dir {
	dir, err := emit.DefaultDir(getenv)
	if err != nil {
		return emit.Dir{}
	}
	return dir
}

// Folder is the path of Home, or why there is none.
func Folder(getenv func(string) string) (string, error) {
	dir, err := emit.DefaultDir(getenv)
	return dir.Path(), err
}

// Summary is the mode that holds and why, in one line.
func Summary(getenv func(string) string) string {
	d := emit.Decide(Home(getenv), "", getenv)
	return fmt.Sprintf("%s (%s)", d.Mode, d.Reason)
}
