package failure

import (
	"context"
	"errors"
	"fmt"

	"github.com/divinedevops/probe/vocabulary"
)

// Interrupted is the failure of work that its context ended during a step; cause is the context's error. Only a time limit
// can be remedied with more time.
func Interrupted(stage Stage, step string, cause error) *Error {
	e := &Error{Stage: stage, Kind: KindTimeout, Cause: cause}
	if errors.Is(cause, context.Canceled) {
		e.Message = fmt.Sprintf("interrupted during %q", step)
		return e
	}
	e.Message = fmt.Sprintf("timed out during %q", step)
	return e.With(vocabulary.RemedyMoreTime)
}
