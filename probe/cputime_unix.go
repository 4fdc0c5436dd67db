//go:build unix

package probe

import (
	"syscall"
	"time"
)

// processTime is the CPU time of this process, user and system (getrusage(2)).
func processTime() (time.Duration, bool) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, false
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), true
}
