//go:build unix && !linux

package isolate

import (
	"os"
	"syscall"
)

func program() (string, error) { return os.Executable() }

// attributes: a process group of its own, so that all of it can be killed and a terminal's Ctrl-C reaches only the
// parent, which then asks the child. Where the parent dies, the child sees the end of its stdin.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// restrain leaves no core file.
func restrain() { noCore() }
