package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/vocabulary"
)

// TestHints: every remedy and reason has a sentence, and every flag in one is a flag of probe.
func TestHints(t *testing.T) {
	t.Parallel()
	flags := measureCommand(&environment{getenv: func(string) string { return "" }}).Flags()
	check := func(word, sentence string) {
		if sentence == "" {
			t.Errorf("%q has no hint", word)
		}
		for _, field := range strings.Fields(strings.NewReplacer(",", " ", "`", " ").Replace(sentence)) {
			if name, ok := strings.CutPrefix(field, "--"); ok && flags.Lookup(name) == nil {
				t.Errorf("%q names --%s, which probe does not have", word, name)
			}
		}
	}
	for _, r := range vocabulary.Remedies() {
		check(r, remedyHints[r])
	}
	for _, r := range vocabulary.Reasons() {
		check(r, reasonHints[r])
	}
	if extra := len(remedyHints) + len(reasonHints) - len(vocabulary.Remedies()) - len(vocabulary.Reasons()); extra != 0 {
		t.Errorf("%d hints are for words that nothing says", extra)
	}
}

func TestModelError(t *testing.T) {
	t.Parallel()
	cause := failure.Errorf(failure.StageInference, failure.KindTimeout, "timed out").With(vocabulary.RemedyMoreTime)
	err := modelError(cause)
	if exitcode.Of(err) != exitcode.Inference || err.Error() != "timeout: timed out; give it more time with --timeout" {
		t.Errorf("%d, %v", exitcode.Of(err), err)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	internal := failure.Errorf(failure.StageLoad, failure.KindInternal, "a fault")
	if got := modelError(internal); exitcode.Of(got) != exitcode.Fault {
		t.Errorf("a fault of probe ends with %d", exitcode.Of(got))
	}
}
