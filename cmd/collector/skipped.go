package main

import (
	"fmt"
	"io"

	"github.com/divinedevops/probe/collect/record"
)

// skippedLines counts what a store could not read, so that it is said and not passed over in silence.
type skippedLines struct {
	count int
	first []record.Skipped
}

// maxSkippedNamed bounds how many are named one by one.
const maxSkippedNamed = 10

func (s *skippedLines) add(skipped record.Skipped) {
	if s.count++; len(s.first) < maxSkippedNamed {
		s.first = append(s.first, skipped)
	}
}

// print names the first of them, and says how many there are.
func (s *skippedLines) print(w io.Writer) error {
	for _, skipped := range s.first {
		if _, err := fmt.Fprintf(w, "skipped      %s\n", skipped); err != nil {
			return err
		}
	}
	if s.count == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "%d lines are no events and were passed over\n", s.count)
	return err
}
