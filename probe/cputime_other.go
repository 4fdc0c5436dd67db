//go:build !unix && !windows

package probe

import "time"

// processTime reports that this system does not count the CPU time of a process.
func processTime() (time.Duration, bool) { return 0, false }
