package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/fault"
	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/probe/isolate"
)

// faultyProbe is probe with an engine that goes wrong in the child: in the way and at the moment that two variables name.
const (
	faultyProbe   = "faultyprobe"
	faultVariable = "PROBE_TEST_FAULT"
	whenVariable  = "PROBE_TEST_FAULT_AT"
)

func init() { commands[faultyProbe] = beFaulty }

func beFaulty() {
	isolate.Main(func(o *probe.Options) {
		e := fault.New(os.Getenv(faultVariable), os.Getenv(whenVariable))
		o.Engine, o.Progress = e, e.Step
	})
	os.Exit(run(os.Args[1:], &environment{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now, isolated: true,
	}))
}

// faulty is a command line of faultyProbe with three batches of texts on stdin.
func faulty(t *testing.T, name, at string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Args[0] = faultyProbe
	cmd.Env = append(os.Environ(), faultVariable+"="+name, whenVariable+"="+at, "TMPDIR="+t.TempDir())
	cmd.Stdin = strings.NewReader(strings.Repeat("a text\n", 3*probe.EmbedBatch))
	return cmd
}

// TestEmbedSurvives: whatever goes wrong in the second batch, the lines of the first one are out and whole, and the reason
// is one sentence and an exit code.
func TestEmbedSurvives(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"segfault": "crash: ", "segfault-default": "crash: ", "abort": "crash: ", "bus": "crash: ", "bus-mapped": "crash: ",
		"overflow": "crash: ", "illegal": "crash: ", "killed": "crash: ", "bad-alloc": "oom: ", "memory": "oom: ",
		"exit": "crash: ", "exit-7": "crash: ", "panic": "crash: ", "pipe": "crash: ", "pipe-huge": "crash: ",
		"pipe-short": "crash: ", "orphan": "crash: ", "stop": "timeout: ", "hang": "timeout: ",
	} {
		for _, at := range []string{fault.AtOpen, fault.AtNext} {
			t.Run(name+"/"+at, func(t *testing.T) {
				t.Parallel()
				args := []string{"embed", "--model", testenv.Zoo("bert-mean-l2"), "--safetensors", "--memory-limit", "400MB"}
				if strings.HasPrefix(want, "timeout") {
					args = append(args, "--timeout", "4s") // to get there on a busy machine
				}
				cmd := faulty(t, name, at, args...)
				var stdout, stderr bytes.Buffer
				cmd.Stdout, cmd.Stderr = &stdout, &stderr
				var exit *exec.ExitError
				code, lines := exitcode.Load, 0
				if at == fault.AtNext {
					code, lines = exitcode.Inference, probe.EmbedBatch
				}
				if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != code {
					t.Fatalf("expected exit code %d, found %v: %s", code, err, stderr.String())
				}
				if s := stderr.String(); !strings.HasPrefix(s, "probe: "+want) || strings.Count(s, "\n") != 1 || strings.Contains(s, "goroutine 1") {
					t.Errorf("expected one sentence that starts with %q, found %q", want, s)
				}
				if got := wholeLines(t, stdout.Bytes()); got != lines {
					t.Errorf("expected %d lines, found %d", lines, got)
				}
			})
		}
	}
}

// wholeLines counts the lines, each of which must be an embedding.
func wholeLines(t *testing.T, doc []byte) int {
	t.Helper()
	n := 0
	for line := range bytes.Lines(doc) {
		var e embedding
		if err := json.Unmarshal(line, &e); err != nil || e.Index != n || len(e.Embedding) == 0 || line[len(line)-1] != '\n' {
			t.Fatalf("line %d: %v: %q", n, err, line)
		}
		n++
	}
	return n
}

// TestEmbedForgedResult: a child that sends what is no line of JSON in ASCII is not believed.
func TestEmbedForgedResult(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	take := isolate.Lines(&out)
	for _, forged := range []string{"\x1b[2J", "caf\xc3\xa9\n", "a\rb", "\x7f"} {
		if err := take([]byte(forged)); err == nil || out.Len() > 0 {
			t.Errorf("%q was let through: %v", forged, err)
		}
	}
	if err := take([]byte("{\"index\":0}\n")); err != nil || out.String() != "{\"index\":0}\n" {
		t.Errorf("%v, %q", err, out.String())
	}
}

// TestEmbedInterrupted: a signal ends a command whose child does not answer, and what is out stays out.
func TestEmbedInterrupted(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			cmd := faulty(t, "stop", fault.AtNext, "embed", "--model", testenv.Zoo("bert-mean-l2"), "--safetensors")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			for range probe.EmbedBatch {
				if !lines.Scan() {
					t.Fatalf("the lines end: %v, %s", lines.Err(), stderr.String())
				}
			}
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
			if lines.Scan() {
				t.Errorf("a line of a batch that did not run: %q", lines.Text())
			}
			err = cmd.Wait()
			if want := fmt.Sprintf("exit status %d", exitcode.Inference); err == nil || err.Error() != want {
				t.Errorf("expected %s, found %v", want, err)
			}
			if !strings.HasPrefix(stderr.String(), `probe: timeout: interrupted during "run"`) {
				t.Errorf("found %q", stderr.String())
			}
		})
	}
}
