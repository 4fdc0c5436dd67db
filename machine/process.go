package machine

import "strconv"

// ProcessMemory is the memory of a process, in bytes.
type ProcessMemory struct {
	// Resident is what lies in memory now, Peak the most that ever did.
	Resident, Peak uint64
	// Held is what the system cannot take back: memory that no file has, swapped out or not.
	Held uint64
}

// ProcessMemory looks at a process; pid 0 is this one. It is false if the process is gone, or the system has no
// /proc/PID/status (proc(5)).
func (s System) ProcessMemory(pid int) (ProcessMemory, bool) {
	name := "self"
	if pid != 0 {
		name = strconv.Itoa(pid)
	}
	status := s.read("proc/" + name + "/status")
	m := ProcessMemory{
		Resident: kibibytes(status, "VmRSS:"), Peak: kibibytes(status, "VmHWM:"),
		Held: kibibytes(status, "RssAnon:") + kibibytes(status, "RssShmem:") + kibibytes(status, "VmSwap:"),
	}
	return m, m.Peak > 0
}

// kibibytes reads the line "Name:   123 kB" of /proc/PID/status and /proc/meminfo, in bytes.
func kibibytes(text, key string) uint64 { return keyed(text, key) << 10 }

// OOMKills counts the processes that the kernel has killed for lack of memory since it started (/proc/vmstat), those of
// control groups included; 0 if unknown.
func (s System) OOMKills() uint64 { return keyed(s.read("proc/vmstat"), "oom_kill ") }
