// Package render writes a report for its readers: as text for a person at a terminal, as Markdown, as JSON for programs. One
// file a format, all over the same page of rows; strings that come from a model are escaped here, once for every format.
package render

import (
	"fmt"
	"slices"

	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/probe"
)

// Options say how to write.
type Options struct {
	// Colour allows the escape sequences of a terminal; only text has any.
	Colour bool
	// Last is the last line of the text for a person; "" for none.
	Last string
	// Hints say what the reader can do, in the words of the program that he uses.
	Hints Hints
}

// Hints name flags and commands, which no library knows. Each may be nil, and returns "" if there is nothing to be done.
type Hints struct {
	// Reason is the hint for the reason code of a finding (vocabulary.Reasons).
	Reason func(code string) string
	// Failure is the hint for why the probe ended.
	Failure func(f *probe.Failure) string
}

// format is one way to write a report.
type format struct {
	name  string
	write func(r *probe.Report, o Options) ([]byte, error)
}

// formats is the table: one line and one file a format.
func formats() []format {
	return []format{
		{"text", writeText},
		{"json", writeJSON},
		{"markdown", writeMarkdown},
	}
}

// Formats lists the names of the formats, the one for a person first.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// Report is r in the format of that name. Errors are of names that Formats does not list, and of reports that hold
// something that JSON cannot.
func Report(r *probe.Report, name string, o Options) ([]byte, error) {
	all := formats()
	i := slices.IndexFunc(all, func(f format) bool { return f.name == name })
	if i < 0 {
		return nil, fmt.Errorf("expected the format %s, found %q", grammar.Or(Formats()), name)
	}
	return all[i].write(r, o)
}
