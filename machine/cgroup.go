package machine

import (
	"path"
	"strconv"
	"strings"
)

// Control groups limit a container. Version 2 has one tree below /sys/fs/cgroup, version 1 one a controller. A limit of
// any ancestor holds. Source: https://docs.kernel.org/admin-guide/cgroup-v2.html.
const cgroups = "sys/fs/cgroup"

// cgroupFolders are the folders of the process's group and of its ancestors, for a controller of version 1 or, "", for
// version 2. Inside a container the own path is often not visible; the root then is the container's own group.
func (s System) cgroupFolders(controller string) []string {
	own := "/"
	for line := range strings.Lines(s.read("proc/self/cgroup")) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3) // hierarchy:controllers:path
		if len(parts) != 3 {
			continue
		}
		if parts[1] == controller || controller != "" && hasField(parts[1], controller) {
			own = path.Clean("/" + parts[2])
		}
	}
	base := path.Join(cgroups, controller)
	out := []string{path.Join(base, own)}
	for own != "/" {
		own = path.Dir(own)
		out = append(out, path.Join(base, own))
	}
	return out
}

func hasField(list, field string) bool {
	for f := range strings.SplitSeq(list, ",") {
		if f == field {
			return true
		}
	}
	return false
}

// cpuQuota is the lowest limit of processor time, in cores; 0 is none.
func (s System) cpuQuota() float64 {
	lowest := 0.0
	take := func(quota, period string) {
		q, err := strconv.ParseFloat(quota, 64)
		p, err2 := strconv.ParseFloat(period, 64)
		if err != nil || err2 != nil || q <= 0 || p <= 0 {
			return // "max", and -1 in version 1: no limit
		}
		if lowest == 0 || q/p < lowest {
			lowest = q / p
		}
	}
	for _, dir := range s.cgroupFolders("") {
		if f := strings.Fields(s.read(dir + "/cpu.max")); len(f) == 2 {
			take(f[0], f[1])
		}
	}
	for _, dir := range s.cgroupFolders("cpu") {
		take(strings.TrimSpace(s.read(dir+"/cpu.cfs_quota_us")), strings.TrimSpace(s.read(dir+"/cpu.cfs_period_us")))
	}
	return lowest
}

// unlimited is what version 1 writes for no limit: the largest number of whole pages.
const unlimited = 1 << 62

// group is a control group that limits memory: its limit, and how much is used of it.
type group struct{ limit, used uint64 }

func (g group) left() uint64 { return g.limit - min(g.limit, g.used) }

// memoryGroups are the groups that limit this process's memory. File pages that can be dropped do not count as used, as
// they do not in MemAvailable.
func (s System) memoryGroups() []group {
	var out []group
	take := func(dir, max, current, inactive string) {
		g := group{limit: number(s.read(dir + "/" + max)), used: number(s.read(dir + "/" + current))}
		if g.limit == 0 || g.limit >= unlimited {
			return
		}
		g.used -= min(g.used, keyed(s.read(dir+"/memory.stat"), inactive))
		out = append(out, g)
	}
	for _, dir := range s.cgroupFolders("") {
		take(dir, "memory.max", "memory.current", "inactive_file ")
	}
	for _, dir := range s.cgroupFolders("memory") {
		take(dir, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ")
	}
	return out
}

// memoryLimit is the lowest limit of memory, and how much of it is left; 0 and 0 for none.
func (s System) memoryLimit() (limit, left uint64) {
	for _, g := range s.memoryGroups() {
		if limit == 0 || g.limit < limit {
			limit, left = g.limit, g.left()
		}
	}
	return limit, left
}

// number reads a file of one number; "max" and what is no number is 0.
func number(text string) uint64 {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// keyed reads the number of the line that begins with key.
func keyed(text, key string) uint64 {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			if f := strings.Fields(rest); len(f) > 0 {
				return number(f[0])
			}
		}
	}
	return 0
}
