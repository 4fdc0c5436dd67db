package machine

// memory reads /proc/meminfo, which counts in kB, within the container's limit; elsewhere the system's own calls.
func (s System) memory() Memory {
	info := s.read("proc/meminfo")
	m := Memory{Total: kibibytes(info, "MemTotal:"), Available: kibibytes(info, "MemAvailable:")}
	if m.Total == 0 {
		return s.Memory
	}
	limit, left := s.memoryLimit()
	if limit > 0 && limit < m.Total {
		m.Limit, m.Available = limit, min(m.Available, left)
	}
	return m
}

// Spare is what a new process may hold, in bytes: what the machine has left, swap included, or less if a control group of
// this process has less; 0 if unknown.
func (s System) Spare() uint64 {
	info := s.read("proc/meminfo")
	spare := kibibytes(info, "MemAvailable:") + kibibytes(info, "SwapFree:")
	for _, g := range s.memoryGroups() {
		spare = min(spare, g.left())
	}
	return spare
}
