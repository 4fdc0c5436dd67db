package emit

import (
	"fmt"
	"strings"
)

// Decision is the mode that holds for one process, and why.
type Decision struct {
	Mode    Mode
	Stored  Mode     // what consent.json says; local where there is none
	Given   *Consent // nil where the user has not decided
	Reason  string   // what set Mode: "default", "consent of 2026-11-23", "DO_NOT_TRACK=1", ...
	Warning string   // something the user should know: an unreadable file, a value without meaning; else empty
}

// Decide weighs the stored consent and the environment. The environment can only make it more private, with one
// exception: PROBE_TELEMETRY=local|on undoes what DO_NOT_TRACK or CI would switch off. Only consent.json, written by
// the user's own `probe telemetry on` for this FieldsVersion, gives ModeOn. What cannot be read counts as off.
func Decide(dir Dir, getenv func(string) string) Decision {
	consent, err := ReadConsent(dir)
	if err != nil {
		return Decision{Mode: ModeOff, Stored: ModeOff, Reason: "unreadable consent", Warning: "telemetry is off: " + err.Error()}
	}
	d := Decision{Mode: ModeLocal, Stored: ModeLocal, Given: consent, Reason: "default"}
	if consent != nil {
		d.Mode, d.Stored = consent.Mode, consent.Mode
		d.Reason = "consent of " + consent.Given.Format("2006-01-02")
		if consent.Mode == ModeOn && consent.FieldsVersion < FieldsVersion {
			d.Mode = ModeLocal
			d.Reason = "consent given to fewer fields"
			d.Warning = "this version of probe would send more than you agreed to on " +
				consent.Given.Format("2006-01-02") + ": nothing is sent until `probe telemetry on` is run again"
		}
	}
	d.environment(getenv)
	return d
}

func (d *Decision) environment(getenv func(string) string) {
	if value := getenv("PROBE_TELEMETRY"); value != "" {
		asked, err := ParseMode(strings.ToLower(value))
		if err != nil {
			d.Mode, d.Reason = ModeOff, "PROBE_TELEMETRY="+printable(value)
			d.Warning = fmt.Sprintf("telemetry is off: PROBE_TELEMETRY: %v", err)
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

// isSet reads a switch in the environment: anything but nothing, 0, false, no and off counts.
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
