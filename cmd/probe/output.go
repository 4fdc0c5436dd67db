package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/wholefile"
)

// output is where a command's lines go as they come: stdout, or the file that --output names, which appears under its name
// when all of them are there. A pipe or a device of that name is written to as it is.
type output struct {
	io.Writer
	file  *os.File        // a pipe or a device
	whole *wholefile.File // any other file
	name  string
}

func (e *environment) openOutput(name string) (*output, error) {
	o := &output{Writer: e.stdout, name: name}
	if name == "" || name == "-" {
		return o, nil
	}
	info, statErr := os.Stat(name)
	folder := filepath.Dir(name)
	if parent, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) || err == nil && !parent.IsDir() {
		return nil, outputError(name, fmt.Errorf("there is no folder %s; make it first", folder))
	}
	if statErr == nil && info.IsDir() {
		return nil, outputError(name, errors.New("expected the name of a file, found a folder"))
	}
	var err error
	if statErr == nil && !info.Mode().IsRegular() {
		o.file, err = os.OpenFile(name, os.O_WRONLY, 0)
		o.Writer = o.file
	} else if o.whole, err = wholefile.Create(name); err == nil {
		o.Writer = o.whole
	}
	if err != nil {
		return nil, outputError(name, err)
	}
	return o, nil
}

// Write marks errors of the user's file as such.
func (o *output) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if err != nil && (o.file != nil || o.whole != nil) {
		err = outputError(o.name, err)
	}
	return n, err
}

// keep ends the output well.
func (o *output) keep() error {
	var err error
	switch {
	case o.file != nil:
		err = o.file.Close()
	case o.whole != nil:
		err = o.whole.Keep(0o644)
	}
	if err != nil {
		return outputError(o.name, err)
	}
	return nil
}

// discard removes what was not kept.
func (o *output) discard() {
	switch {
	case o.file != nil:
		_ = o.file.Close() // closed already after keep
	case o.whole != nil:
		o.whole.Discard()
	}
}

// checkOutput finds out whether the file can be written before the work begins whose result it is to hold. A pipe is left
// alone: whoever reads it would see it end.
func (e *environment) checkOutput(name string) error {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil
	}
	out, err := e.openOutput(name)
	if err != nil {
		return err
	}
	out.discard()
	return nil
}

// outputError is wrong usage: another --output helps (CONTRACT: Exit codes).
func outputError(name string, err error) error {
	return exitcode.Errorf(exitcode.Usage, "--output %s: %w", name, err)
}
