package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/divinedevops/probe/internal/testenv"
)

// jailed asks this test binary to forbid itself sockets and then become probe.
const jailed = "PROBE_TEST_NO_SOCKETS"

// enterJail runs before any test. In a jailed process it installs a seccomp filter that kills the process on socket(2)
// and socketpair(2) (seccomp(2), classic BPF), then executes itself under the name probe.
func enterJail() {
	if os.Getenv(jailed) == "" {
		return
	}
	if err := forbidSockets(); err != nil {
		fmt.Fprintln(os.Stderr, "seccomp:", err)
		os.Exit(99)
	}
	self, err := os.Executable()
	if err == nil {
		must0(os.Unsetenv(jailed))
		err = syscall.Exec(self, append([]string{"probe"}, os.Args[1:]...), os.Environ())
	}
	fmt.Fprintln(os.Stderr, "exec:", err)
	os.Exit(99)
}

func must0(err error) {
	if err != nil {
		panic(err)
	}
}

func forbidSockets() error {
	const load, jumpEqual, give = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K,
		unix.BPF_RET | unix.BPF_K
	filter := []unix.SockFilter{
		{Code: load, K: 0}, // seccomp_data.nr
		{Code: jumpEqual, K: unix.SYS_SOCKET, Jt: 2},
		{Code: jumpEqual, K: unix.SYS_SOCKETPAIR, Jt: 1},
		{Code: give, K: unix.SECCOMP_RET_ALLOW},
		{Code: give, K: unix.SECCOMP_RET_KILL_PROCESS},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return errno
	}
	return nil
}

// TestNoSocket probes the real model in a process that dies on the first socket it opens.
func TestNoSocket(t *testing.T) {
	t.Parallel()
	for backend, vars := range backends(t) {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			model := testenv.MiniLM(t)
			if backend == "go" {
				model = testenv.Zoo("bert-max") // pure Go opens none for a large model that it opens for none of a small one
			}
			out, err := jail(t, vars, "--model", model, "--backend", backend, "--json")
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if r := checkReport(t, string(out)); r.Error != nil {
				t.Fatalf("%+v", r.Error)
			}
		})
	}
}

// TestJailKills makes sure that the jail would notice: a command that opens a socket dies of it.
func TestJailKills(t *testing.T) {
	t.Parallel()
	out, err := jail(t, map[string]string{"PIP_INDEX_URL": "http://127.0.0.1:9/simple"}, "runtime", "install")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != unix.SIGSYS {
		t.Fatalf("expected death by SIGSYS, found %v\n%s", err, out)
	}
}

func jail(t *testing.T, vars map[string]string, args ...string) ([]byte, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	home := t.TempDir()
	cmd.Env = []string{jailed + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + home, "PROBE_HOME=" + home, "PROBE_CACHE=" + home}
	for k, v := range vars {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	return cmd.CombinedOutput()
}
