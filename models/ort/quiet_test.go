//go:build cgo && linux

package ort

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/onnx"
	"github.com/divinedevops/probe/models/tensor"
)

// helper names the variable that makes this test binary probe a model and end, so that a test sees a whole process.
const helper = "PROBE_ORT_TEST_LIBRARY"

func TestMain(m *testing.M) {
	if path := os.Getenv(helper); path != "" {
		if err := wholeProcess(path, os.Getenv(helper+"_MODEL")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// wholeProcess loads the library, fails to load what is no model, runs one that is, and looks for open sockets.
func wholeProcess(path, model string) error {
	e, err := Open(path)
	if err != nil {
		return err
	}
	ctx, cpu := context.Background(), engine.Options{Device: engine.Device{Kind: engine.CPU}}
	g := negation(tensor.Float32)
	broken := g.Engine("")
	broken.Bytes = []byte("not a model")
	if _, err := e.Open(ctx, broken, cpu); err == nil {
		return fmt.Errorf("expected a model that is none to be refused")
	}
	head, err := onnx.ReadHead(model)
	if err != nil {
		return err
	}
	s, err := e.Open(ctx, engine.Graph{Path: model, Inputs: head.Inputs, Outputs: head.Outputs}, cpu)
	if err != nil {
		return err
	}
	var in []tensor.Named
	for _, i := range head.Inputs {
		in = append(in, tensor.Named{Name: i.Name, Tensor: tensor.NewInt64([]int64{1, 1}, 1, 2)})
	}
	if _, err := s.Run(ctx, in, head.OutputNames()); err != nil {
		return err
	}
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, fd := range fds {
		if to, err := os.Readlink(filepath.Join("/proc/self/fd", fd.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			return fmt.Errorf("expected no open socket, found %s", to)
		}
	}
	return s.Close()
}

// TestQuiet sees that a probe's process prints nothing and opens no socket: ONNX Runtime has a log and, from 1.32 on,
// telemetry of its own. Where strace is installed no call of socket(2) escapes it; elsewhere sockets open at the end are
// seen.
func TestQuiet(t *testing.T) {
	t.Parallel()
	library, model := testenv.ONNXRuntime(t), testenv.MiniLMInt8(t)
	trace := filepath.Join(t.TempDir(), "trace")
	args := []string{os.Args[0]}
	if strace, err := exec.LookPath("strace"); err == nil && exec.Command(strace, "-o", os.DevNull, "true").Run() == nil {
		args = []string{strace, "-f", "-qq", "-e", "trace=socket,connect,sendto,execve", "-o", trace, os.Args[0]}
	}
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env = append(os.Environ(), helper+"="+library, helper+"_MODEL="+model)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil || out.Len() > 0 {
		t.Errorf("expected a silent success, found %v and:\n%s", err, out.String())
	}
	if len(args) == 1 {
		return
	}
	calls, err := os.ReadFile(trace)
	if err != nil || !bytes.Contains(calls, []byte("execve(")) {
		t.Fatalf("expected strace to have seen the process (%v):\n%s", err, calls)
	}
	for _, name := range []string{"socket(", "connect(", "sendto("} {
		if bytes.Contains(calls, []byte(name)) {
			t.Errorf("expected no %s call, found:\n%s", name, calls)
		}
	}
}
