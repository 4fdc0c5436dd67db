package probe

import (
	"github.com/divinedevops/probe/models/failure"
)

// Interrupted completes the report of a probe that another process ran and that never came to its end. known is the last
// report that Options.Partial was shown there; nil is a report of nothing but o and this machine. failure is why it ended,
// unless known carries a reason of its own. The report is known itself where that is given.
func Interrupted(o Options, known *Report, cause *failure.Error) *Report {
	if known == nil {
		known = newReport(o)
	}
	m := &measurement{report: known}
	m.fail(cause)
	known.conclude()
	return known
}
