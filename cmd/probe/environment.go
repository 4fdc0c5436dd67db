package main

import (
	"io"
	"time"

	"github.com/divinedevops/probe/internal/wholefile"
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
	if err := wholefile.Write(file, content, 0o644); err != nil {
		return outputError(file, err)
	}
	return nil
}
