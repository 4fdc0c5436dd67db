//go:build unix && !linux

package isolate

import (
	"os"
	"runtime"
	"syscall"
	"time"
)

// parentLimits: no, the child looks at its own memory. RLIMIT_AS and RLIMIT_DATA would count what is only mapped, and
// macOS enforces neither.
const parentLimits = false

// watchSelf ends this process when its largest resident set passes the limit (getrusage(2): bytes on macOS, KiB elsewhere).
func watchSelf(limit int64, out *sender) {
	for range time.Tick(watchEvery) {
		var u syscall.Rusage
		if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
			return
		}
		peak := int64(u.Maxrss)
		if runtime.GOOS != "darwin" {
			peak *= 1024
		}
		if peak > limit {
			_ = out.send(frameMemory, nil) // the exit says as much
			os.Exit(2)
		}
	}
}
