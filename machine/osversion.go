package machine

import "strings"

// osVersion is PRETTY_NAME of os-release(5), and the kernel's release; elsewhere what the system's own calls say.
func (s System) osVersion() string {
	text := s.read("etc/os-release")
	if text == "" {
		text = s.read("usr/lib/os-release")
	}
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); ok {
			return strings.Trim(v, `"'`)
		}
	}
	return s.Version
}
