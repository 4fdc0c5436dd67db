package isolate

import (
	"os"
	"syscall"
)

// program is this program even where its file was replaced since it started.
func program() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}

// attributes: a process group of its own, so that all of it can be killed and a terminal's Ctrl-C reaches only the
// parent, which then asks the child; and death with the parent (prctl(2), PR_SET_PDEATHSIG).
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// restrain makes the child the first that the system ends when memory is short (proc(5)), and leaves no core file.
func restrain() {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) // a process may always offer itself
	noCore()
}
