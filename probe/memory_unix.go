//go:build darwin || freebsd || netbsd || openbsd

package probe

import (
	"runtime"
	"syscall"
)

// residentPeak is the largest resident set so far in bytes (getrusage(2): bytes on macOS, KiB elsewhere).
func residentPeak() *int64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return nil
	}
	n := int64(usage.Maxrss)
	if runtime.GOOS != "darwin" {
		n *= 1024
	}
	return &n
}
