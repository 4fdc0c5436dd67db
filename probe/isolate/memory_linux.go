package isolate

import "github.com/divinedevops/probe/machine"

// parentLimits: the parent looks at the child's memory.
const parentLimits = true

// usage is the memory of a process in bytes.
type usage struct {
	held int64 // what the system cannot take back
	peak int64 // the largest resident set so far
}

// memoryOf looks at a process; false if it is gone.
func memoryOf(pid int) (usage, bool) {
	m, ok := machine.Local().ProcessMemory(pid)
	return usage{int64(m.Held), int64(m.Peak)}, ok
}

// availableMemory is what a new process may hold; 0 if unknown.
func availableMemory() int64 { return int64(machine.Local().Spare()) }

// oomKills counts the processes that the kernel has killed for lack of memory since it started; 0 if unknown.
func oomKills() int64 { return int64(machine.Local().OOMKills()) }

// watchSelf is not needed here.
func watchSelf(int64, *sender) {}
