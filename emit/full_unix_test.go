//go:build unix

package emit

import (
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// limitFiles makes the disk look full to this process: no file can grow past size bytes.
func limitFiles(size uint64) error {
	signal.Ignore(syscall.SIGXFSZ)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: size})
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	dir := NewDir(t.TempDir())
	out, err := child(t, "full", dir).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !strings.HasPrefix(string(out), "failed not_recorded") {
		t.Errorf("found %q", out)
	}
	if files := queueFiles(t, dir); len(files) != 0 {
		t.Errorf("parts were left behind: %v", files)
	}
	mustRecord(t, Recorder{Dir: dir, Getenv: env(), Now: clock()}, miniLM()) // there is room again
}
