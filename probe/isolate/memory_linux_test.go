package isolate

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAvailable(t *testing.T) {
	t.Parallel()
	const meminfo = "MemTotal: 8000000 kB\nMemAvailable: 4000000 kB\nSwapFree: 1000000 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"nothing":         {nil, 0},
		"machine":         {map[string]string{"proc/meminfo": meminfo}, 5_000_000 * 1024},
		"unlimited group": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a\n", "cg/a/memory.max": "max\n", "cg/a/memory.current": "5\n"}, 5_000_000 * 1024},
		"version 2, the group above is tighter": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"cg/a/b/memory.max": "3000", "cg/a/b/memory.current": "1000",
			"cg/a/memory.max": "2500\n", "cg/a/memory.current": "2000\n", "cg/a/memory.stat": "anon 5\ninactive_file 700\n",
		}, 1200},
		"version 1, the host's path": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "5:cpu:/x\n4:memory:/docker/1\n0::/\n",
			"cg/memory/memory.limit_in_bytes": "9000", "cg/memory/memory.usage_in_bytes": "8000",
			"cg/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 100000\n",
		}, 9000},
		"over the limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n", "cg/memory.max": "10", "cg/memory.current": "20",
		}, 0},
	} {
		dir := t.TempDir()
		for file, content := range c.files {
			path := filepath.Join(dir, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := availableUnder(filepath.Join(dir, "proc"), filepath.Join(dir, "cg")); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if n := DefaultMemoryLimit(); n < 1<<20 {
		t.Errorf("the default limit here is %d bytes", n)
	}
	if u, ok := memoryOf(os.Getpid()); !ok || u.held <= 0 || u.peak < u.held/2 {
		t.Errorf("this process: %+v, %v", u, ok)
	}
}
