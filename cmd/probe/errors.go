package main

import (
	"errors"
	"fmt"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe/isolate"
)

// modelError gives an error of a task its exit code, and a failure of the model its kind and a hint.
func modelError(err error) error {
	var coded *exitcode.Error
	var misuse *isolate.Misuse
	var e *failure.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &coded):
		return err
	case errors.As(err, &misuse):
		return &exitcode.Error{Code: exitcode.Usage, Err: err}
	case !errors.As(err, &e), e.Kind == failure.KindInternal:
		return err
	}
	told := fmt.Errorf("%s: %w", e.Kind, err)
	if h := hint(e.Remedies); h != "" {
		told = fmt.Errorf("%w; %s", told, h)
	}
	return &exitcode.Error{Code: failureCode(e.Stage, e.Kind), Err: told}
}

// failureCode is the exit code of a failure.
func failureCode(stage failure.Stage, kind failure.Kind) int {
	switch {
	case kind == failure.KindInternal:
		return exitcode.Fault
	case stage == failure.StageInference:
		return exitcode.Inference
	}
	return exitcode.Load
}
