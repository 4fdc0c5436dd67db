package machine

// memory reads /proc/meminfo, which counts in kB, within the container's limit; elsewhere the system's own calls.
func (s System) memory() Memory {
	info := s.read("proc/meminfo")
	m := Memory{Total: keyed(info, "MemTotal:") << 10, Available: keyed(info, "MemAvailable:") << 10}
	if m.Total == 0 {
		return s.Memory
	}
	limit, left := s.memoryLimit()
	if limit > 0 && limit < m.Total {
		m.Limit, m.Available = limit, min(m.Available, left)
	}
	return m
}
