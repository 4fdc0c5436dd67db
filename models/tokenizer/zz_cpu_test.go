package tokenizer

import (
	"encoding/json"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"
)

func cpuNow() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(1, &r) // thread
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestLocalCPU(t *testing.T) {
	if os.Getenv("CPU") == "" {
		t.Skip()
	}
	runtime.LockOSThread()
	data, _ := os.ReadFile("/tmp/tkt/sent.json")
	var s []string
	json.Unmarshal(data, &s)
	n := 0
	for _, x := range s {
		n += len(x)
	}
	for name, f := range benchFiles {
		best := time.Hour
		var tk *Tokenizer
		for range 5 {
			t0 := cpuNow()
			tk, _ = Load(f)
			best = min(best, cpuNow()-t0)
		}
		e := [2]time.Duration{time.Hour, time.Hour}
		for k := range 2 {
			for range 6 {
				t0 := cpuNow()
				for _, x := range s {
					tk.Encode(x, Options{AddSpecialTokens: true, Offsets: k == 1, Tokens: k == 1})
				}
				e[k] = min(e[k], cpuNow()-t0)
			}
		}
		t.Logf("%s load %.1f ms, ids %.1f MB/s, offsets %.1f MB/s", name, best.Seconds()*1e3, float64(n)/1e6/e[0].Seconds(), float64(n)/1e6/e[1].Seconds())
	}
}
