package probe

import (
	"slices"

	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/models/failure"
)

// Failure is why a probe ended early. Kind is one of a closed list (docs/errors.md).
type Failure struct {
	Stage   failure.Stage `json:"stage"`
	Kind    failure.Kind  `json:"kind"`
	Message string        `json:"message"`
	// Remedies are what can be done about it, as words of vocabulary.Remedies; absent if nothing is known.
	Remedies []string `json:"remedies,omitempty"`
}

func newFailure(e *failure.Error) *Failure {
	return &Failure{Stage: e.Stage, Kind: e.Kind, Message: printable.Text(e.Message), Remedies: slices.Clone(e.Remedies)}
}

// Err is the failure that ended the probe, as a *failure.Error; nil if it came to its end. It is the same whether the model
// ran in this process or in a child.
func (r *Report) Err() error {
	if r.Error == nil {
		return nil
	}
	f := r.Error
	return failure.Errorf(f.Stage, f.Kind, "%s", f.Message).With(f.Remedies...)
}
