package emit

import "fmt"

// Mode is what becomes of events.
type Mode string

// The modes, from least to most.
const (
	ModeOff   Mode = "off"   // nothing is recorded
	ModeLocal Mode = "local" // queued here, never sent: the default
	ModeOn    Mode = "on"    // queued and sent
)

// ParseMode reads a mode by its name.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case ModeOff, ModeLocal, ModeOn:
		return m, nil
	}
	return "", fmt.Errorf("expected off, local or on, found %q", s)
}

// lesser is the more private of two modes.
func lesser(a, b Mode) Mode {
	if a == ModeOff || b == ModeOff {
		return ModeOff
	}
	if a == ModeLocal || b == ModeLocal {
		return ModeLocal
	}
	return ModeOn
}
