package probe

import (
	"bytes"
	"os"
	"strconv"
)

// residentNow is the resident set of this process in bytes (VmRSS of /proc/self/status, proc(5)); nil where unknown.
func residentNow() *int64 { return statusField("VmRSS:") }

// residentPeak is the largest resident set so far (VmHWM of the same file); nil where unknown.
func residentPeak() *int64 { return statusField("VmHWM:") }

func statusField(name string) *int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil
	}
	for line := range bytes.Lines(status) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[0]) == name && string(fields[2]) == "kB" {
			if kib, err := strconv.ParseInt(string(fields[1]), 10, 64); err == nil {
				n := kib * 1024
				return &n
			}
		}
	}
	return nil
}
