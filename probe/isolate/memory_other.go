//go:build !linux

package isolate

// usage is the memory of a process in bytes.
type usage struct{ held, peak int64 }

// memoryOf is unknown: this system shows the memory of another process only to a debugger.
func memoryOf(int) (usage, bool) { return usage{}, false }

// availableMemory is unknown here, so there is no default limit.
func availableMemory() int64 { return 0 }

// oomKills is unknown here.
func oomKills() int64 { return 0 }
