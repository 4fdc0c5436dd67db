//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd

package probe

// residentPeak is nil: this system's peak is not read.
func residentPeak() *int64 { return nil }
