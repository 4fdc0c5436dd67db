package gomlx

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/vocabulary"
)

// guard runs f and turns its panics, which is how GoMLX reports most errors, into errors.
func guard(f func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = p
		default:
			err = fmt.Errorf("%v", p)
		}
	}()
	return f()
}

// failureOf maps what GoMLX said when it loaded a graph.
func failureOf(err error) *failure.Error {
	var known *failure.Error
	if errors.As(err, &known) {
		return known
	}
	return failure.Errorf(failure.StageLoad, failure.KindInvalidFormat, "the pure Go engine cannot load the model: %w",
		terse{err})
}

// runFailure maps what GoMLX said when it ran a graph, which is when it converts the graph for the shapes it gets. What
// it cannot convert at the first run it cannot convert at all; where others were converted before, it is about these.
func runFailure(err error, ranBefore bool) *failure.Error {
	var known *failure.Error
	if errors.As(err, &known) {
		return known
	}
	var at *unconverted
	if errors.As(err, &at) && ranBefore {
		return failure.Errorf(failure.StageInference, failure.KindInference,
			"the pure Go engine failed to run %s (node %q) for inputs of these shapes: %w", at.op, at.title, terse{err})
	}
	if at != nil {
		return failure.Errorf(failure.StageInference, failure.KindUnsupportedOp,
			"the pure Go engine cannot run %s (node %q) as this graph uses it, ONNX Runtime may: %w",
			at.op, at.title, terse{err}).With(vocabulary.RemedyONNXRuntime, vocabulary.RemedyInstallRuntime)
	}
	if op := failedOp(err); op != "" && !ranBefore {
		return failure.Errorf(failure.StageInference, failure.KindUnsupportedOp,
			"the pure Go engine cannot run %s as this graph uses it, ONNX Runtime may: %w", op, terse{err}).
			With(vocabulary.RemedyONNXRuntime, vocabulary.RemedyInstallRuntime)
	}
	return failure.Errorf(failure.StageInference, failure.KindInference, "the pure Go engine failed to run the model: %w",
		terse{err})
}

// failedOp finds the operator whose conversion failed: GoMLX's errors carry the stack, in which convertReshape is the
// function for Reshape. It is "" where none was being converted, and for those of two operands, which have one function
// and fail for shapes that do not fit.
func failedOp(err error) string {
	if m := regexp.MustCompile(`op "?(\w+)"? not implemented`).FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	frames := regexp.MustCompile(`onnxgomlx\.(?:\(\*Model\)\.)?convert([A-Z]\w*)`)
	for _, m := range frames.FindAllStringSubmatch(fmt.Sprintf("%+v", err), -1) {
		switch m[1] {
		case "BinaryOp":
			return ""
		case "Node", "SubGraph":
			continue
		}
		return m[1]
	}
	return ""
}

// terse prints the first line of an error's root cause, without GoMLX's account of where it came through.
type terse struct{ error }

func (t terse) Error() string {
	root := t.error
	for next := errors.Unwrap(root); next != nil; next = errors.Unwrap(next) {
		root = next
	}
	line, _, _ := strings.Cut(root.Error(), "\n")
	return line
}

func (t terse) Unwrap() error { return t.error }
