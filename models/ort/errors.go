package ort

import (
	"errors"
	"regexp"
	"strings"

	"github.com/divinedevops/probe/models/failure"
)

// ONNX Runtime tells failures by text alone once they have passed the binding. These are the texts of 1.29 to 1.31, the
// first that fits decides.
var loadFailures = []struct {
	text string
	kind failure.Kind
}{
	{"is not a registered function/op", failure.KindUnsupportedOp},
	{"No Op registered for", failure.KindUnsupportedOp},
	{"No opset import for domain", failure.KindInvalidFormat},
	{"Could not find an implementation for", failure.KindUnsupportedOp},
	{"is under development and support for this is limited", failure.KindUnsupportedOp}, // an opset newer than the library
	{"*guarantees* support for models stamped", failure.KindUnsupportedOp},
	{"Unsupported model IR version", failure.KindUnsupportedFormat},
	{"External data path does not exist", failure.KindMissingFile},
	{"External data path escapes", failure.KindUnsafePath},
	{"Absolute path not allowed for external data", failure.KindUnsafePath},
	{"External data path validation failed", failure.KindUnsafePath},
	{"out of bounds or can not be read in full", failure.KindTruncated},
	{"Failed to load library", failure.KindDeviceUnavailable}, // of the provider; that of the runtime was loaded
	{"Protobuf parsing failed", failure.KindInvalidFormat},
	{"No graph was found in the protobuf", failure.KindInvalidFormat},
	{"No such file or directory", failure.KindMissingFile},
	{"File doesn't exist", failure.KindMissingFile},
}

// outOfMemory are the words of the CPU's memory; each provider has its own.
var outOfMemory = []string{"Failed to allocate memory", "bad_alloc", "bad allocation", "out of memory"}

func isOutOfMemory(text string) bool {
	return containsAny(text, outOfMemory) || providers.outOfMemory(text)
}

// loadError maps what the library said when it made a session.
func loadError(err error) *failure.Error {
	var known *failure.Error
	if errors.As(err, &known) {
		return known
	}
	text := err.Error()
	if isOutOfMemory(text) {
		return failure.Errorf(failure.StageLoad, failure.KindOutOfMemory, "not enough memory to load the model: %w", err)
	}
	if providers.failed(text) {
		return failure.Errorf(failure.StageLoad, failure.KindDeviceUnavailable, "ONNX Runtime cannot load the model: %w", err)
	}
	for _, f := range loadFailures {
		if !strings.Contains(text, f.text) {
			continue
		}
		if f.kind == failure.KindUnsupportedOp {
			return failure.Errorf(failure.StageLoad, f.kind, "ONNX Runtime has no kernel for %s: %w", opName(text), err)
		}
		return failure.Errorf(failure.StageLoad, f.kind, "ONNX Runtime cannot load the model: %w", err)
	}
	return failure.Errorf(failure.StageLoad, failure.KindInvalidFormat, "ONNX Runtime cannot load the model: %w", err)
}

// runError maps what the library said when it ran a session.
func runError(err error) *failure.Error {
	var known *failure.Error
	if errors.As(err, &known) {
		return known
	}
	if isOutOfMemory(err.Error()) {
		return failure.Errorf(failure.StageInference, failure.KindOutOfMemory, "not enough memory to run the model: %w", err)
	}
	return failure.Errorf(failure.StageInference, failure.KindInference, "ONNX Runtime failed to run the model: %w", err)
}

// opName finds the operator that a load failure is about, with its domain where it is not ONNX's own.
func opName(text string) string {
	for _, pattern := range []string{
		`Fatal error: ([\w.]+:\w+)\(`,
		`No Op registered for (\w+)`,
		`implementation for ([\w.:]+\(\d+\))`,
	} {
		if m := regexp.MustCompile(pattern).FindStringSubmatch(text); m != nil {
			return m[1]
		}
	}
	return "one of its operators"
}
