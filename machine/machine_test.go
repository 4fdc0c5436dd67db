package machine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// machine is a Linux with the files given.
func machine(files map[string]string) System {
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return System{OS: "linux", Arch: "amd64", Root: root, Cores: 8}
}

const meminfo = "MemTotal:       16000000 kB\nMemFree:         100 kB\nMemAvailable:    12000000 kB\n"

func TestMemory(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files map[string]string
		want  Memory
	}{
		"no limit": {nil, Memory{Total: 16000000 << 10, Available: 12000000 << 10}},
		"version 2": {map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "1073741824\n",
			"sys/fs/cgroup/a/memory.current": "536870912\n", "sys/fs/cgroup/a/memory.stat": "anon 1\ninactive_file 134217728\n",
		}, Memory{Total: 16000000 << 10, Limit: 1 << 30, Available: 1<<30 - 1<<29 + 1<<27}},
		"version 1": {map[string]string{
			"proc/self/cgroup":                           "5:cpu,cpuacct:/x\n4:memory:/docker/x\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "1048576\n", "sys/fs/cgroup/memory/memory.usage_in_bytes": "1048000\n",
		}, Memory{Total: 16000000 << 10, Limit: 1048576, Available: 576}},
		"version 1 without": {map[string]string{
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, Memory{Total: 16000000 << 10, Available: 12000000 << 10}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"proc/meminfo": meminfo}
			for k, v := range test.files {
				files[k] = v
			}
			if got := Detect(t.Context(), machine(files)).Memory; got != test.want {
				t.Errorf("expected %+v, found %+v", test.want, got)
			}
		})
	}
	elsewhere := System{OS: "darwin", Root: fstest.MapFS{}, Memory: Memory{Total: 7}}
	if got := Detect(t.Context(), elsewhere).Memory; got != (Memory{Total: 7}) {
		t.Errorf("expected the system's own number, found %+v", got)
	}
}

func TestQuota(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files  map[string]string
		quota  float64
		usable int
	}{
		"none":      {nil, 0, 8},
		"version 2": {map[string]string{"sys/fs/cgroup/cpu.max": "150000 100000\n"}, 1.5, 2},
		"unlimited": {map[string]string{"sys/fs/cgroup/cpu.max": "max 100000\n"}, 0, 8},
		"larger":    {map[string]string{"sys/fs/cgroup/cpu.max": "6400000 100000\n"}, 64, 8},
		"small":     {map[string]string{"sys/fs/cgroup/cpu.max": "10000 100000\n"}, 0.1, 1},
		"nonsense":  {map[string]string{"sys/fs/cgroup/cpu.max": "a b c\n"}, 0, 8},
		"zero":      {map[string]string{"sys/fs/cgroup/cpu.max": "100000 0\n"}, 0, 8},
		"an ancestor": {map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "400000 100000", "sys/fs/cgroup/a/cpu.max": "300000 100000",
		}, 3, 3},
		"version 1": {map[string]string{
			"proc/self/cgroup":                           "5:cpu,cpuacct:/x\n",
			"sys/fs/cgroup/cpu/x/cpu.cfs_quota_us":       "200000\n",
			"sys/fs/cgroup/cpu/x/cpu.cfs_period_us":      "100000\n",
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us":         "-1\n",
			"sys/fs/cgroup/cpu/cpu.cfs_period_us":        "100000\n",
			"sys/fs/cgroup/cpuset/unrelated/cpuset.cpus": "0-3\n",
		}, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Detect(t.Context(), machine(test.files)).CPU
			if got.Quota != test.quota || got.Usable() != test.usable {
				t.Errorf("expected quota %v and %d usable, found %v and %d", test.quota, test.usable, got.Quota, got.Usable())
			}
		})
	}
}

func TestOSVersion(t *testing.T) {
	t.Parallel()
	debian := machine(map[string]string{"etc/os-release": "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"})
	if got := Detect(t.Context(), debian).OSVersion; got != "Debian GNU/Linux 12 (bookworm)" {
		t.Errorf("found %q", got)
	}
	if got := Detect(t.Context(), System{Root: fstest.MapFS{}, Version: "macOS 15.1"}).OSVersion; got != "macOS 15.1" {
		t.Errorf("found %q", got)
	}
}

var nvidiaFiles = map[string]string{
	"proc/driver/nvidia/version": "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n" +
		"GCC version:  gcc version 12.3.0\n",
	"proc/driver/nvidia/gpus/0000:17:00.0/information": "Model: \t\t NVIDIA H100 80GB HBM3\nDevice Minor: \t 0\n",
	"proc/driver/nvidia/gpus/0000:65:00.0/information": "Model: \t\t Tesla T4\nDevice Minor: \t 1\n",
	"proc/driver/nvidia/gpus/0000:ca:00.0/information": "Model: \t\t NVIDIA A10\nDevice Minor: \t 2\n",
	"dev/nvidia0": "", "dev/nvidia1": "", // the third is not given to this container
}

func TestNVIDIA(t *testing.T) {
	t.Parallel()
	fromFiles := []GPU{
		{Vendor: "nvidia", Name: "NVIDIA H100 80GB HBM3", Index: 0, Driver: "550.54.15"},
		{Vendor: "nvidia", Name: "NVIDIA Tesla T4", Index: 1, Driver: "550.54.15"},
	}
	s := machine(nvidiaFiles)
	if diff := cmp.Diff(fromFiles, Detect(t.Context(), s).GPUs); diff != "" {
		t.Error(diff)
	}
	s.Run = func(context.Context, string, ...string) ([]byte, error) { return nil, errors.New("no such program") }
	if diff := cmp.Diff(fromFiles, Detect(t.Context(), s).GPUs); diff != "" {
		t.Error(diff)
	}
	s.Run = func(_ context.Context, name string, _ ...string) ([]byte, error) {
		if name != "nvidia-smi" {
			t.Errorf("expected nvidia-smi to be run, found %s", name)
		}
		return []byte("0, NVIDIA H100 80GB HBM3, 550.54.15, 81559, 81008, 9.0\n1, Tesla T4, 550.54.15, [N/A], [N/A], [N/A]\nwarning\n"), nil
	}
	want := []GPU{
		{Vendor: "nvidia", Name: "NVIDIA H100 80GB HBM3", Driver: "550.54.15", Memory: 81559 << 20, MemoryFree: 81008 << 20,
			Compute: "9.0"},
		{Vendor: "nvidia", Name: "Tesla T4", Index: 1, Driver: "550.54.15"},
	}
	if diff := cmp.Diff(want, Detect(t.Context(), s).GPUs); diff != "" {
		t.Error(diff)
	}
}

func TestNoToolRunsWithoutADriver(t *testing.T) {
	t.Parallel()
	s := machine(nil)
	s.Run = func(_ context.Context, name string, _ ...string) ([]byte, error) {
		t.Errorf("expected nothing to be run, found %s", name)
		return nil, fs.ErrNotExist
	}
	if got := Detect(t.Context(), s).GPUs; len(got) > 0 {
		t.Errorf("expected no GPU, found %+v", got)
	}
}

func TestDRM(t *testing.T) {
	t.Parallel()
	s := machine(map[string]string{
		"sys/class/drm/version":                           "drm 1.1.0",
		"sys/class/drm/card0/device/vendor":               "0x1a03\n", // a server's console
		"sys/class/drm/card1/device/vendor":               "0x1002\n",
		"sys/class/drm/card1/device/device":               "0x744c\n",
		"sys/class/drm/card1/device/uevent":               "DRIVER=amdgpu\nPCI_ID=1002:744C\n",
		"sys/class/drm/card1/device/mem_info_vram_total":  "25753026560\n",
		"sys/class/drm/card1/device/mem_info_vram_used":   "1000\n",
		"sys/class/drm/card1-DP-1/device/vendor":          "0x1002\n",
		"sys/class/drm/card2/device/vendor":               "0x1002\n",
		"sys/class/drm/card2/device/product_name":         "AMD Instinct MI300X\n",
		"sys/class/drm/card3/device/vendor":               "0x10de\n",
		"sys/class/drm/card3/device/uevent":               "DRIVER=nvidia\n",
		"sys/class/drm/renderD128/device/vendor":          "0x1002\n",
		"sys/class/drm/card4/device/vendor":               "0x8086\n",
		"sys/class/drm/card4/device/device":               "0x56c0\n",
		"sys/class/drm/card4/device/uevent":               "DRIVER=i915\n",
		"sys/class/drm/card5/device/an-unreadable-device": "",
	})
	want := []GPU{
		{Vendor: "amd", Name: "amd GPU 0x744c", Driver: "amdgpu", Memory: 25753026560, MemoryFree: 25753025560},
		{Vendor: "amd", Name: "AMD Instinct MI300X", Index: 1},
		{Vendor: "intel", Name: "intel GPU 0x56c0", Driver: "i915"},
	}
	if diff := cmp.Diff(want, Detect(t.Context(), s).GPUs); diff != "" {
		t.Error(diff)
	}
}

func TestApple(t *testing.T) {
	t.Parallel()
	s := System{OS: "darwin", Arch: "arm64", Root: fstest.MapFS{}, Memory: Memory{Total: 16 << 30}, Apple: "Apple M3"}
	want := []GPU{{Vendor: "apple", Name: "Apple M3", Memory: 16 << 30}}
	if diff := cmp.Diff(want, Detect(t.Context(), s).GPUs); diff != "" {
		t.Error(diff)
	}
}

// TestLocal compares with what this machine says in other ways.
func TestLocal(t *testing.T) {
	t.Parallel()
	m := Detect(t.Context(), Local())
	if m.OS != runtime.GOOS || m.Arch != runtime.GOARCH || m.CPU.Cores != runtime.NumCPU() || m.CPU.Usable() < 1 {
		t.Errorf("expected this machine, found %+v", m)
	}
	if m.Memory.Available > m.Memory.Total || m.CPU.PhysicalCores > m.CPU.Cores {
		t.Errorf("expected parts not to exceed wholes, found %+v", m)
	}
	if runtime.GOOS != "linux" {
		return
	}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		t.Fatal(err)
	}
	if m.Memory.Total == 0 || m.OSVersion == "" {
		t.Errorf("expected memory and an OS version, found %+v", m)
	}
	for _, f := range []string{"avx2", "avx512f", "amx_tile"} {
		if has := strings.Contains(string(info), " "+f+" "); has != hasFeature(m, strings.ReplaceAll(f, "_", "")) {
			t.Errorf("%s: /proc/cpuinfo says %v, found %v", f, has, m.CPU.Features)
		}
	}
}

func hasFeature(m Machine, name string) bool {
	for _, f := range m.CPU.Features {
		if f == name {
			return true
		}
	}
	return false
}

// TestReadIsBounded returns a file without an end.
func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	s := machine(map[string]string{"proc/meminfo": strings.Repeat("x", 3*maxFile)})
	if got := len(s.read("proc/meminfo")); got != maxFile {
		t.Errorf("expected %d bytes, found %d", maxFile, got)
	}
}

func BenchmarkDetect(b *testing.B) {
	for b.Loop() {
		Detect(b.Context(), Local())
	}
}

func TestSpare(t *testing.T) {
	t.Parallel()
	const info = "MemTotal: 8000000 kB\nMemAvailable: 4000000 kB\nSwapFree: 1000000 kB\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  uint64
	}{
		"nothing": {nil, 0},
		"machine": {map[string]string{"proc/meminfo": info}, 5_000_000 << 10},
		"unlimited group": {map[string]string{
			"proc/meminfo": info, "proc/self/cgroup": "0::/a\n",
			"sys/fs/cgroup/a/memory.max": "max\n", "sys/fs/cgroup/a/memory.current": "5\n",
		}, 5_000_000 << 10},
		"version 2, the group above is tighter": {map[string]string{
			"proc/meminfo": info, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "3000", "sys/fs/cgroup/a/b/memory.current": "1000",
			"sys/fs/cgroup/a/memory.max": "2500\n", "sys/fs/cgroup/a/memory.current": "2000\n",
			"sys/fs/cgroup/a/memory.stat": "anon 5\ninactive_file 700\n",
		}, 1200},
		"version 1, the host's path": {map[string]string{
			"proc/meminfo": info, "proc/self/cgroup": "5:cpu:/x\n4:memory:/docker/1\n0::/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9000", "sys/fs/cgroup/memory/memory.usage_in_bytes": "8000",
			"sys/fs/cgroup/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 100000\n",
		}, 9000},
		"over the limit": {map[string]string{
			"proc/meminfo": info, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "10", "sys/fs/cgroup/memory.current": "20",
		}, 0},
	} {
		if got := machine(test.files).Spare(); got != test.want {
			t.Errorf("%s: expected %d, found %d", name, test.want, got)
		}
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	const status = "Name:\tx\nVmHWM:\t 300 kB\nVmRSS:\t 200 kB\nRssAnon:\t 10 kB\nRssFile:\t 7 kB\nRssShmem:\t 5 kB\nVmSwap:\t 3 kB\n"
	s := machine(map[string]string{"proc/self/status": status, "proc/7/status": status, "proc/vmstat": "a 1\noom_kill 4\n"})
	want := ProcessMemory{Resident: 200 << 10, Peak: 300 << 10, Held: 18 << 10}
	for _, pid := range []int{0, 7} {
		if got, ok := s.ProcessMemory(pid); !ok || got != want {
			t.Errorf("%d: expected %+v, found %+v, %v", pid, want, got, ok)
		}
	}
	if got, ok := s.ProcessMemory(8); ok {
		t.Errorf("expected no process, found %+v", got)
	}
	if n := s.OOMKills(); n != 4 {
		t.Errorf("expected 4 processes killed, found %d", n)
	}
}

func TestThreads(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cpu  CPU
		want int
	}{
		{CPU{Cores: 8, PhysicalCores: 4}, 4}, {CPU{Cores: 8, PhysicalCores: 4, Quota: 1.5}, 2}, {CPU{Cores: 3}, 3},
		{CPU{Cores: 8, PhysicalCores: 4, Quota: 0.1}, 1}, {CPU{}, 1},
	} {
		if got := test.cpu.Threads(); got != test.want {
			t.Errorf("%+v: expected %d threads, found %d", test.cpu, test.want, got)
		}
	}
}
