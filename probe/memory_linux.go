package probe

import "github.com/divinedevops/probe/machine"

// residentNow is the resident set of this process in bytes; nil if unknown.
func residentNow() *int64 {
	return ownMemory(func(m machine.ProcessMemory) uint64 { return m.Resident })
}

// residentPeak is the largest resident set so far; nil if unknown.
func residentPeak() *int64 {
	return ownMemory(func(m machine.ProcessMemory) uint64 { return m.Peak })
}

func ownMemory(take func(machine.ProcessMemory) uint64) *int64 {
	m, ok := machine.Local().ProcessMemory(0)
	if !ok || take(m) == 0 {
		return nil
	}
	n := int64(take(m))
	return &n
}
