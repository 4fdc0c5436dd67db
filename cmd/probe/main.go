// Command probe measures an embedding model: it loads it, runs it, and says what it is, beside what its files declare.
package main

import (
	"os"
	"time"

	"golang.org/x/term"
)

func main() {
	os.Exit(run(os.Args[1:], &environment{
		stdin:      os.Stdin,
		stdout:     os.Stdout,
		stderr:     os.Stderr,
		getenv:     os.Getenv,
		now:        time.Now,
		stdoutTerm: terminal(os.Stdout),
		stderrTerm: terminal(os.Stderr),
		stdinTerm:  terminal(os.Stdin),
	}))
}

func terminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
