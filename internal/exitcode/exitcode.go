// Package exitcode carries a process exit code along with an error, from where a fault is known to where the process
// ends. The codes are those that CONTRACT.md documents for callers.
package exitcode

import (
	"errors"
	"fmt"
)

// The exit codes of probe.
const (
	OK        = 0 // measured
	Fault     = 1 // a fault of probe itself
	Usage     = 2 // wrong usage
	Load      = 3 // the model did not load
	Inference = 4 // it loaded but inference failed
	Gate      = 5 // a gate failed: drift with --strict, bench past its threshold, diff past its tolerance
)

// Error is an error that ends the process with Code. Err may be nil if everything has been said already.
type Error struct {
	Code int
	Err  error
}

// Errorf makes an *Error whose message is formatted as fmt.Errorf does it.
func Errorf(code int, format string, args ...any) *Error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns the error behind the code.
func (e *Error) Unwrap() error { return e.Err }

// Of is the exit code that err asks for: OK for nil, Fault if it asks for none.
func Of(err error) int {
	if err == nil {
		return OK
	}
	var coded *Error
	if errors.As(err, &coded) {
		return coded.Code
	}
	return Fault
}
