package isolate_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/divinedevops/probe/internal/fault"
	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/probe/isolate"
)

// parentVariable asks this test binary to be a parent whose child hangs; it says on stdout when that is so.
const parentVariable = "PROBE_TEST_PARENT"

func beParent() {
	o, i := faulty("spin", fault.AtOpen, probe.Options{Ref: os.Getenv(parentVariable), Safetensors: true}, isolate.Options{})
	o.Progress = func(step string) { fmt.Println(step) }
	isolate.Measure(context.Background(), o, i)
}

// TestDiesWithTheParent: a parent that is killed leaves no child behind.
func TestDiesWithTheParent(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.CommandContext(t.Context(), self)
	parent.Env = append(os.Environ(), parentVariable+"="+testenv.Zoo("bert-mean-l2"), "TMPDIR="+t.TempDir())
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "load"; {
	}
	child := childOf(t, parent.Process.Pid)
	fd, err := unix.PidfdOpen(child, 0)
	if err != nil {
		t.Fatalf("the child %d: %v", child, err)
	}
	defer unix.Close(fd)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	const patience = 20_000 // milliseconds
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, patience); n != 1 {
		_ = unix.Kill(child, unix.SIGKILL)
		t.Fatalf("the child %d outlived its parent: %v", child, err)
	}
}

// childOf is the process whose parent is pid (proc(5), stat).
func childOf(t *testing.T, pid int) int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // gone since
		}
		// The name in parentheses may hold anything; the parent is the second field behind it.
		f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		if len(f) > 1 && f[1] == strconv.Itoa(pid) {
			child, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			if err != nil {
				t.Fatal(err)
			}
			return child
		}
	}
	t.Fatalf("the process %d has no child", pid)
	return 0
}
