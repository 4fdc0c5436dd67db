package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// environment is all that a command takes from outside, so that a test can give its own.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	// Whether the three streams are terminals: colour and progress are for people only.
	stdinTerm, stdoutTerm, stderrTerm bool
	// isolated is whether a probe may run in a child process; only main has seen to that.
	isolated bool
}

// colour reports whether text on stdout may carry colour (https://no-color.org: any value of NO_COLOR forbids it).
func (e *environment) colour() bool {
	return e.stdoutTerm && e.getenv("NO_COLOR") == "" && e.getenv("TERM") != "dumb"
}

// writeOutput writes what a command made to the file that --output names, or to stdout.
func (e *environment) writeOutput(file string, content []byte) error {
	if file == "" || file == "-" {
		_, err := e.stdout.Write(content)
		return err
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		// A pipe or a device is written to, not replaced.
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return fmt.Errorf("--output: %w", err)
		}
		return nil
	}
	// Beside the target first, so that a reader never sees half a report.
	temp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return fmt.Errorf("--output %s: %w", file, err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // fails once the rename has taken it away
	if _, err = temp.Write(content); err == nil {
		err = temp.Chmod(0o644)
	}
	if closing := temp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("--output %s: %w", file, err)
	}
	return nil
}
