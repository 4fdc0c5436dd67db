package emit

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// Decision is the mode that holds for one process, and why.
type Decision struct {
	Mode    Mode
	Stored  Mode     // what consent.json says; local if the user has not decided
	Given   *Consent // nil if the user has not decided
	Reason  string   // what set Mode: ReasonDefault, "consent of 2026-11-23", "DO_NOT_TRACK=1", ...
	Notices []Notice // what the user should know about it
}

// ReasonDefault is the reason of a mode that neither the user nor the environment has set.
const ReasonDefault = "default"

// Decide weighs the stored consent and the environment (nil: the process's own), for events that would go to endpoint, a URL
// that Endpoint returned (empty: the environment's or the default). The environment can only make it more private, with one
// exception: PROBE_TELEMETRY=local|on undoes what DO_NOT_TRACK or CI would switch off. Only consent.json, written by the
// user's own decision for this FieldsVersion and this endpoint, leads to ModeOn. What cannot be read, or what others could
// have written, counts as off.
func Decide(dir Dir, endpoint string, getenv func(string) string) Decision {
	if getenv == nil {
		getenv = os.Getenv
	}
	consent, err := ReadConsent(dir)
	if err != nil {
		return Decision{Mode: ModeOff, Stored: ModeOff, Reason: "unreadable consent",
			Notices: []Notice{{Code: NoticeConsentUnreadable, Err: err}}}
	}
	d := Decision{Mode: ModeLocal, Stored: ModeLocal, Given: consent, Reason: ReasonDefault}
	if consent != nil {
		d.Mode, d.Stored = consent.Mode, consent.Mode
		d.Reason = "consent of " + consent.Given.Format(time.DateOnly)
		if consent.Mode == ModeOn {
			d.hold(*consent, endpoint, getenv)
		}
	}
	d.environment(getenv)
	return d
}

// hold lowers on to local if the user agreed to something else than would be sent, or to another receiver.
func (d *Decision) hold(c Consent, endpoint string, getenv func(string) string) {
	if c.FieldsVersion < FieldsVersion {
		d.Mode, d.Reason = ModeLocal, "consent given to fewer fields"
		d.Notices = append(d.Notices, Notice{Code: NoticeMoreFields, Since: c.Given})
		return
	}
	var err error
	if endpoint == "" {
		endpoint, err = Endpoint("", getenv)
	}
	switch {
	case err != nil:
		d.Mode, d.Reason = ModeLocal, "unusable endpoint"
		d.Notices = append(d.Notices, Notice{Code: NoticeEndpointUnusable, Err: err})
	case endpoint != c.Endpoint:
		d.Mode, d.Reason = ModeLocal, "consent given for another endpoint"
		d.Notices = append(d.Notices, Notice{Code: NoticeOtherEndpoint, Endpoint: endpoint, Agreed: c.Endpoint})
	}
}

func (d *Decision) environment(getenv func(string) string) {
	if value := getenv("PROBE_TELEMETRY"); value != "" {
		asked, err := ParseMode(strings.ToLower(value))
		if err != nil {
			d.Mode, d.Reason = ModeOff, "PROBE_TELEMETRY="+printable(value)
			d.Notices = append(d.Notices, Notice{Code: NoticeEnvironment, Err: fmt.Errorf("PROBE_TELEMETRY: %w", err)})
			return
		}
		if mode := lesser(asked, d.Mode); mode != d.Mode {
			d.Mode, d.Reason = mode, "PROBE_TELEMETRY="+string(asked)
		}
		return
	}
	for _, name := range []string{"DO_NOT_TRACK", "CI"} {
		if value := getenv(name); d.Mode != ModeOff && isSet(value) {
			d.Mode, d.Reason = ModeOff, name+"="+printable(value)
			return
		}
	}
}

// isSet reads a switch in the environment: everything counts but the empty string, 0, false, no and off.
func isSet(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "", "0", "false", "no", "off":
		return false
	}
	return true
}

// printable cuts what comes from the environment to something that fits a line.
func printable(value string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, value)
	if len(clean) > 16 {
		clean = clean[:16] + "..."
	}
	return clean
}
