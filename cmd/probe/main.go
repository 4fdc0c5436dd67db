// Command probe measures an embedding model: it loads it, runs it, and reports what it is, compared with what its files declare.
package main

import (
	"os"
	"time"

	"golang.org/x/term"

	"github.com/divinedevops/probe/probe/isolate"
)

func main() {
	isolate.Main() // if this process is the child that runs the model, this does not return
	os.Exit(run(os.Args[1:], &environment{
		stdin:      os.Stdin,
		stdout:     os.Stdout,
		stderr:     os.Stderr,
		getenv:     os.Getenv,
		now:        time.Now,
		stdoutTerm: terminal(os.Stdout),
		stderrTerm: terminal(os.Stderr),
		stdinTerm:  terminal(os.Stdin),
		isolated:   true,
	}))
}

func terminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
