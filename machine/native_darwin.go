package machine

import (
	"golang.org/x/sys/unix"
)

// native asks sysctl(3). macOS has no number of available bytes that would mean what Linux's does, so it stays unknown.
func (s *System) native() {
	if total, err := unix.SysctlUint64("hw.memsize"); err == nil {
		s.Memory.Total = total
	}
	if v, err := unix.Sysctl("kern.osproductversion"); err == nil {
		s.Version = "macOS " + v
	}
	if s.Arch == "arm64" {
		// The GPU of Apple's processors is part of them and bears their name.
		if name, err := unix.Sysctl("machdep.cpu.brand_string"); err == nil {
			s.Apple = name
		}
	}
}
