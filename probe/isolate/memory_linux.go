package isolate

import (
	"bytes"
	"os"
	"path"
	"strconv"
)

// parentLimits: the parent looks at the child's memory.
const parentLimits = true

// usage is the memory of a process in bytes.
type usage struct {
	held int64 // what the system cannot take back: RssAnon, RssShmem and VmSwap of /proc/PID/status (proc(5))
	peak int64 // the largest resident set so far: VmHWM
}

// memoryOf looks at a process; false where it is gone.
func memoryOf(pid int) (usage, bool) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return usage{}, false
	}
	fields := kibibytes(status)
	return usage{fields["RssAnon"] + fields["RssShmem"] + fields["VmSwap"], fields["VmHWM"]}, fields["VmHWM"] > 0
}

// kibibytes reads the lines "Name:   123 kB" of /proc/PID/status and /proc/meminfo, in bytes.
func kibibytes(b []byte) map[string]int64 {
	out := map[string]int64{}
	for line := range bytes.Lines(b) {
		f := bytes.Fields(line)
		if len(f) != 3 || string(f[2]) != "kB" {
			continue
		}
		if n, err := strconv.ParseInt(string(f[1]), 10, 64); err == nil {
			out[string(bytes.TrimSuffix(f[0], []byte(":")))] = n * 1024
		}
	}
	return out
}

// availableMemory is what a new process may hold: what the machine has left, swap included, or less where a control group
// of this process has less; 0 where unknown.
func availableMemory() int64 { return availableUnder("/proc", "/sys/fs/cgroup") }

func availableUnder(proc, cgroups string) int64 {
	info, err := os.ReadFile(path.Join(proc, "meminfo"))
	if err != nil {
		return 0
	}
	fields := kibibytes(info)
	left := fields["MemAvailable"] + fields["SwapFree"]
	own, _ := os.ReadFile(path.Join(proc, "self/cgroup")) // without it only the machine counts
	for line := range bytes.Lines(own) {
		// hierarchy-ID:controllers:path (cgroups(7)); version 2 has no controllers.
		parts := bytes.SplitN(bytes.TrimSpace(line), []byte(":"), 3)
		if len(parts) != 3 {
			continue
		}
		files := groupFiles{"memory.max", "memory.current", "inactive_file"}
		root := cgroups
		switch string(parts[1]) {
		case "":
		case "memory":
			files = groupFiles{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}
			root = path.Join(cgroups, "memory")
		default:
			continue
		}
		// Every group above may be the tighter one. In a container the path may be the host's: then only the root is there.
		for at := path.Clean("/" + string(parts[2])); ; at = path.Dir(at) {
			if n, ok := files.left(path.Join(root, at)); ok {
				left = min(left, n)
			}
			if at == "/" {
				break
			}
		}
	}
	return max(0, left)
}

// groupFiles are the names of a control group's files, which differ by version.
type groupFiles struct{ limit, usage, cache string }

// left is what a group may still take; file pages that nobody has used of late do not count as taken.
func (g groupFiles) left(dir string) (int64, bool) {
	number := func(name string) (int64, bool) {
		b, err := os.ReadFile(path.Join(dir, name))
		if err != nil {
			return 0, false
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(b)), 10, 64)
		return n, err == nil // "max" is no number
	}
	limit, ok := number(g.limit)
	if !ok {
		return 0, false
	}
	used, ok := number(g.usage)
	if !ok {
		return 0, false
	}
	stat, _ := os.ReadFile(path.Join(dir, "memory.stat")) // without it all counts
	for line := range bytes.Lines(stat) {
		if f := bytes.Fields(line); len(f) == 2 && string(f[0]) == g.cache {
			if n, err := strconv.ParseInt(string(f[1]), 10, 64); err == nil {
				used -= min(n, used)
			}
		}
	}
	return limit - used, true
}

// oomKills counts the processes that the kernel has killed for memory since it started (/proc/vmstat, proc(5)), those of
// control groups included; 0 where unknown.
func oomKills() int64 {
	b, _ := os.ReadFile("/proc/vmstat") // 0 tells nothing, as intended
	_, after, found := bytes.Cut(b, []byte("\noom_kill "))
	if !found {
		return 0
	}
	line, _, _ := bytes.Cut(after, []byte("\n"))
	n, err := strconv.ParseInt(string(line), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// watchSelf is not needed here.
func watchSelf(int64, *sender) {}
