package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// LangChain4j is a real model out of a Maven jar: a folder that holds NAME.onnx and NAME-tokenizer.json.
func LangChain4j(t testing.TB, name string) string { return need(t, "models", "langchain4j", name) }

// Magika is a real model that is no embedding model: a classifier of file types.
func Magika(t testing.TB) string { return need(t, "models", "magika", "model.onnx") }

// Zig is the Python that has the ziglang package: `python -m ziglang cc` compiles C for other systems.
func Zig(t testing.TB) string { return need(t, "foreign", "bin", "python") }

// Windows is the folder with ONNX Runtime's library for Windows and what Wine lacks.
func Windows(t testing.TB) string { return need(t, "foreign", "windows") }

// ARM64 is the folder with ONNX Runtime's library for Linux on arm64, and a root for QEMU.
func ARM64(t testing.TB) string { return need(t, "foreign", "arm64") }

// Program is the path of a program that a Debian package brings.
func Program(t testing.TB, name, from string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, name, "the Debian package "+from)
	}
	return path
}

// CrossBuild compiles ./cmd/probe for another system with cgo and returns the program's path. target is Zig's name of the
// system: x86_64-windows-gnu.
func CrossBuild(t testing.TB, goos, goarch, target string) string {
	t.Helper()
	dir := t.TempDir()
	cc := filepath.Join(dir, "cc")
	script := "#!/bin/sh\nexec '" + Zig(t) + "' -m ziglang cc -target " + target + " \"$@\"\n"
	if err := os.WriteFile(cc, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "probe")
	if goos == "windows" {
		program += ".exe"
	}
	// Neither the race detector nor SIMD: the program is what a user of that system has.
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "./cmd/probe")
	cmd.Dir = Root()
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "GOOS="+goos, "GOARCH="+goarch, "CC="+cc, "GOEXPERIMENT=", "GOFLAGS=-buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build for %s/%s: %v\n%s", goos, goarch, err, out)
	}
	return program
}
