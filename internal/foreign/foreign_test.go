//go:build linux && amd64

package foreign

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/divinedevops/probe/internal/testenv"
)

// patience bounds one command: the emulated processor is slow, and the machine may be busy.
const patience = 3 * time.Minute

// model is the one of the zoo that runs everywhere, with what PyTorch said of it.
const model = "bert-mean-l2"

// system runs a command line of probe on another system.
type system struct {
	run func(t *testing.T, stdin string, args ...string) (stdout string, code int)
	// path is how that system names a file of this one; library is its ONNX Runtime.
	path    func(string) string
	library string
	flags   []string
}

// start runs a program to its end.
func start(t *testing.T, env []string, stdin, program string, args ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	cmd.Env = append(os.Environ(), env...)
	err := cmd.Run()
	if cmd.ProcessState == nil || ctx.Err() != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, stderr.String())
	}
	return stdout.String(), cmd.ProcessState.ExitCode()
}

// TestWindows runs probe.exe and onnxruntime.dll under Wine.
func TestWindows(t *testing.T) {
	t.Parallel()
	wine := testenv.Program(t, "wine", "wine")
	dlls := testenv.Windows(t)
	program := testenv.CrossBuild(t, "windows", "amd64", "x86_64-windows-gnu")
	prefix := t.TempDir()
	env := []string{
		"WINEPREFIX=" + prefix, "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=", "DISPLAY=",
		`PROBE_HOME=C:\users\probe home`, "PROBE_TELEMETRY=local", "CI=",
	}
	if out, code := start(t, env, "", wine, "wineboot", "--init"); code != 0 {
		t.Fatalf("wineboot: exit %d\n%s", code, out)
	}
	t.Cleanup(func() {
		// The server of this prefix would outlive the test, and write into a folder that is gone.
		cmd := exec.Command("wineserver", "-k")
		cmd.Env = append(os.Environ(), env...)
		_ = cmd.Run()
	})
	copyFile(t, filepath.Join(dlls, "bcryptprimitives.dll"), filepath.Join(prefix, "drive_c", "windows", "system32", "bcryptprimitives.dll"))
	drive := func(path string) string { return "Z:" + strings.ReplaceAll(path, "/", `\`) }
	s := system{
		run: func(t *testing.T, stdin string, args ...string) (string, int) {
			return start(t, env, stdin, wine, append([]string{program}, args...)...)
		},
		path: drive, library: drive(filepath.Join(dlls, "onnxruntime.dll")),
	}
	check(t, s, "windows", "amd64")

	// A model on another drive than the temporary folder's, under a name with a blank.
	if err := os.CopyFS(filepath.Join(prefix, "drive_c", "my models", model), os.DirFS(testenv.Zoo(model))); err != nil {
		t.Fatal(err)
	}
	for _, ref := range []string{`C:\my models\` + model, `c:/my models/` + model} {
		out, code := s.run(t, "", "--model", ref, "--json", "--quick", "--backend", "go")
		var r report
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || r.Dimension == nil {
			t.Errorf("%s: exit %d, %v\n%.500s", ref, code, err, out)
		}
		if strings.Contains(mustJSON(t, r.Metadata), "my models") {
			t.Errorf("%s: a path in the event: %s", ref, mustJSON(t, r.Metadata))
		}
	}
	if out, code := s.run(t, "", "telemetry", "status"); code != 0 || !strings.Contains(out, "local") {
		t.Errorf("telemetry status: exit %d\n%s", code, out)
	}
	if out, code := s.run(t, "", "telemetry", "view"); code != 0 || !strings.Contains(out, "local") {
		t.Errorf("telemetry view: exit %d\n%s", code, out)
	}
	if out, code := s.run(t, "", "telemetry", "off"); code != 0 {
		t.Errorf("telemetry off: exit %d\n%s", code, out)
	}
}

// TestARM64 runs probe and libonnxruntime.so for Linux on arm64 under QEMU's user mode. A child process would be run by the
// host's kernel, so the model runs in the process itself.
func TestARM64(t *testing.T) {
	t.Parallel()
	qemu := testenv.Program(t, "qemu-aarch64-static", "qemu-user-static")
	dir := testenv.ARM64(t)
	program := testenv.CrossBuild(t, "linux", "arm64", "aarch64-linux-gnu.2.28")
	env := []string{"PROBE_HOME=" + t.TempDir(), "PROBE_TELEMETRY=local", "CI="}
	check(t, system{
		run: func(t *testing.T, stdin string, args ...string) (string, int) {
			return start(t, env, stdin, qemu, append([]string{"-L", filepath.Join(dir, "root"), program}, args...)...)
		},
		path: func(path string) string { return path }, library: filepath.Join(dir, "libonnxruntime.so"),
		flags: []string{"--in-process"},
	}, "linux", "arm64")
}

// report is what is looked at of a report.
type report struct {
	Dimension     *int            `json:"dimension"`
	Normalization *string         `json:"normalization"`
	Metadata      json.RawMessage `json:"metadata"`
	Measured      struct {
		Pooling *string `json:"pooling"`
	} `json:"measured"`
	Drift       []any `json:"drift"`
	Environment struct {
		OS      string  `json:"os"`
		Arch    string  `json:"arch"`
		Backend *string `json:"backend"`
	} `json:"environment"`
	Error any `json:"error"`
}

// check measures the model on both engines, and compares its vectors with PyTorch's.
func check(t *testing.T, s system, goos, goarch string) {
	t.Helper()
	var truth struct {
		Texts      []string    `json:"texts"`
		Embeddings [][]float64 `json:"embeddings"`
	}
	data, err := os.ReadFile(testenv.Zoo(model + ".truth.json"))
	if err == nil {
		err = json.Unmarshal(data, &truth)
	}
	if err != nil {
		t.Fatal(err)
	}
	var stdin strings.Builder
	for _, text := range truth.Texts {
		stdin.WriteString(mustJSON(t, text) + "\n")
	}
	for _, backend := range []string{"onnxruntime", "go"} {
		flags := append([]string{"--model", s.path(testenv.Zoo(model)), "--backend", backend, "--threads", "1", "--onnxruntime-lib", s.library}, s.flags...)
		out, code := s.run(t, "", append(flags, "--json", "--quick")...)
		var r report
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 {
			t.Errorf("%s: exit %d, %v\n%.1000s", backend, code, err, out)
			continue
		}
		if r.Error != nil || r.Environment.OS != goos || r.Environment.Arch != goarch || r.Environment.Backend == nil ||
			*r.Environment.Backend != backend {
			t.Errorf("%s: expected it to run on %s/%s, found %+v, error %v", backend, goos, goarch, r.Environment, r.Error)
			continue
		}
		if r.Dimension == nil || *r.Dimension != len(truth.Embeddings[0]) || r.Normalization == nil || *r.Normalization != "l2" ||
			r.Measured.Pooling == nil || *r.Measured.Pooling != "mean" || len(r.Drift) > 0 {
			t.Errorf("%s: expected %d dimensions, l2, mean and no drift, found\n%.2000s", backend, len(truth.Embeddings[0]), out)
		}
		out, code = s.run(t, stdin.String(), append([]string{"embed", "--jsonl"}, flags...)...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if code != 0 || len(lines) != len(truth.Texts) {
			t.Errorf("%s: embed: exit %d, %d lines for %d texts\n%.500s", backend, code, len(lines), len(truth.Texts), out)
			continue
		}
		for i, line := range lines {
			var got struct {
				Embedding []float64 `json:"embedding"`
			}
			if err := json.Unmarshal([]byte(line), &got); err != nil || len(got.Embedding) != len(truth.Embeddings[i]) {
				t.Fatalf("%s: line %d: %v: %.200s", backend, i, err, line)
			}
			for j, x := range got.Embedding {
				if math.Abs(x-truth.Embeddings[i][j]) > 1e-5 {
					t.Fatalf("%s: text %d, number %d: expected %g, found %g", backend, i, j, truth.Embeddings[i][j], x)
				}
			}
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
