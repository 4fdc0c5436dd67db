package engine

import (
	"context"
	"errors"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/vocabulary"
)

// Timeout is the failure of work that a context ended; cause is the context's error.
func Timeout(stage failure.Stage, cause error) *failure.Error {
	if errors.Is(cause, context.Canceled) {
		return failure.Errorf(stage, failure.KindTimeout, "canceled before it was done: %w", cause)
	}
	return failure.Errorf(stage, failure.KindTimeout, "timed out: %w", cause).With(vocabulary.RemedyMoreTime)
}
