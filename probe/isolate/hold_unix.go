//go:build unix

package isolate

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// inherit hands the child the descriptor for reports: the first after the standard three.
func inherit(cmd *exec.Cmd, reports *os.File) error {
	cmd.ExtraFiles = []*os.File{reports}
	cmd.Env = append(cmd.Env, childVariable+"=3")
	cmd.SysProcAttr = attributes()
	return nil
}

// inherited is the child's side of it. What the child starts does not inherit it.
func inherited(descriptor string) (*os.File, error) {
	fd, err := strconv.Atoi(descriptor)
	if err != nil || fd < 3 {
		return nil, fmt.Errorf("%s: expected the number of a descriptor, found %q", childVariable, descriptor)
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), "reports"), nil
}

// holder ends the child's process group.
type holder struct{ group int }

func hold(p *os.Process, _ int64) (holder, error) { return holder{p.Pid}, nil }

func (h holder) kill() { _ = syscall.Kill(-h.group, syscall.SIGKILL) } // an error says that none is left

func (h holder) close() {}

// exitOf says how a process ended, and whether it was killed by SIGKILL.
func exitOf(s *os.ProcessState) (how string, killed bool) {
	status, ok := s.Sys().(syscall.WaitStatus)
	switch {
	case ok && status.Signaled():
		return fmt.Sprintf("%s: %s", signalName(status.Signal()), status.Signal()), status.Signal() == syscall.SIGKILL
	case s.ExitCode() == 0:
		return "it exited with 0 and without a report", false
	}
	return fmt.Sprintf("it exited with %d and without a report", s.ExitCode()), false
}

// noCore keeps a crash from writing the model's weights to the disk.
func noCore() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }

// signalName is SIGSEGV and its like; the names of signals that end a program by themselves.
func signalName(s syscall.Signal) string {
	names := map[syscall.Signal]string{
		syscall.SIGSEGV: "SIGSEGV", syscall.SIGABRT: "SIGABRT", syscall.SIGBUS: "SIGBUS", syscall.SIGILL: "SIGILL",
		syscall.SIGFPE: "SIGFPE", syscall.SIGKILL: "SIGKILL", syscall.SIGTRAP: "SIGTRAP", syscall.SIGSYS: "SIGSYS",
		syscall.SIGTERM: "SIGTERM", syscall.SIGXCPU: "SIGXCPU",
	}
	if name := names[s]; name != "" {
		return name
	}
	return fmt.Sprintf("signal %d", int(s))
}
