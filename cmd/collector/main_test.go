package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/divinedevops/probe/internal/exitcode"
)

// The test binary runs itself again as another process: PROBE_COLLECTOR_CHILD names what it does.
func TestMain(m *testing.M) {
	switch os.Getenv("PROBE_COLLECTOR_CHILD") {
	case "":
		os.Exit(m.Run())
	case "collector":
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		cmd := rootCommand(environment{os.Stdout, os.Stderr, os.Getenv, time.Now, "test"})
		cmd.SetArgs(os.Args[1:])
		err := cmd.ExecuteContext(ctx)
		if err != nil {
			fmt.Fprintln(os.Stderr, "collector:", err)
		}
		os.Exit(exitcode.Of(err))
	case "enqueue":
		enqueueChild()
	case "send":
		sendChild()
	}
	os.Exit(0)
}

// child is the test binary in another part. Its environment is bare, so that CI=true does not turn telemetry off.
func child(role string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = []string{"PROBE_COLLECTOR_CHILD=" + role, "PATH=" + os.Getenv("PATH"), "HOME=" + os.TempDir()}
	return cmd
}

var servesAt = regexp.MustCompile(`url=(\S+)`)

// serveProcess starts `collector serve` as a process and gives its URL; stop ends it with SIGTERM and checks its exit.
func serveProcess(t *testing.T, args ...string) (url string, stop func()) {
	t.Helper()
	return startServe(t, child("collector", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...))
}

// startServe starts a command that becomes `collector serve`.
func startServe(t *testing.T, cmd *exec.Cmd) (url string, stop func()) {
	t.Helper()
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the collector ended with %v", err)
		}
	}
	t.Cleanup(stop)
	var said string
	for lines := bufio.NewScanner(log); lines.Scan(); {
		said += lines.Text() + "\n"
		if found := servesAt.FindStringSubmatch(lines.Text()); found != nil {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return found[1], stop
		}
	}
	t.Fatalf("the collector did not start:\n%s", said)
	return "", nil
}

// collectorRun runs another command of the collector's and gives what it printed.
func collectorRun(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := child("collector", args...)
	cmd.Env = append(cmd.Env, env...)
	var errOut, out limitedBuffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errOut.String(), cmd.ProcessState.ExitCode()
}

// What a store cannot read is passed over, counted and named.
func TestSkippedLinesAreSaid(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "events-00000001.ndjson"), []byte("{}\n{\"torn\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr, code := collectorRun(t, nil, "registry", "--store", folder)
	for _, want := range []string{"events-00000001.ndjson, offset 3, 7 bytes", "2 lines are no events and were passed over"} {
		if code != 0 || !strings.Contains(stderr, want) {
			t.Errorf("exit code %d, expected %q in\n%s", code, want, stderr)
		}
	}
}

func TestAcceptOfNothingWrong(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	_, stderr, code := collectorRun(t, nil, "registry", "--store", folder, "--accept", "acme/model")
	if code != 2 || !strings.Contains(stderr, `found "acme/model"`) {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
