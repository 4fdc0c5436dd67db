package ort

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/divinedevops/probe/models/engine"
)

// ONNX Runtime tells failures by text alone once they have passed the binding. These are the texts of 1.29 to 1.31, the
// first that fits decides.
var loadFailures = []struct {
	text string
	kind engine.Kind
}{
	{"is not a registered function/op", engine.KindUnsupportedOp},
	{"No Op registered for", engine.KindUnsupportedOp},
	{"No opset import for domain", engine.KindInvalidFormat},
	{"Could not find an implementation for", engine.KindUnsupportedOp},
	{"is under development and support for this is limited", engine.KindUnsupportedOp}, // an opset newer than the library
	{"*guarantees* support for models stamped", engine.KindUnsupportedOp},
	{"Unsupported model IR version", engine.KindUnsupportedFormat},
	{"External data path does not exist", engine.KindMissingFile},
	{"External data path escapes", engine.KindUnsafePath},
	{"Absolute path not allowed for external data", engine.KindUnsafePath},
	{"External data path validation failed", engine.KindUnsafePath},
	{"out of bounds or can not be read in full", engine.KindTruncated},
	{"CUDA failure", engine.KindDeviceUnavailable},
	{"Failed to load library", engine.KindDeviceUnavailable}, // of the provider; that of the runtime was loaded
	{"Protobuf parsing failed", engine.KindInvalidFormat},
	{"No graph was found in the protobuf", engine.KindInvalidFormat},
	{"No such file or directory", engine.KindMissingFile},
	{"File doesn't exist", engine.KindMissingFile},
}

var outOfMemory = []string{
	"Failed to allocate memory", "bad_alloc", "bad allocation", "out of memory", "CUDA_ERROR_OUT_OF_MEMORY",
	"CUBLAS_STATUS_ALLOC_FAILED",
}

// loadError maps what the library said when it made a session.
func loadError(err error) *engine.Error {
	var known *engine.Error
	if errors.As(err, &known) {
		return known
	}
	text := err.Error()
	if containsAny(text, outOfMemory) {
		return engine.Errorf(engine.StageLoad, engine.KindOutOfMemory, "not enough memory to load the model: %w", err)
	}
	for _, f := range loadFailures {
		if !strings.Contains(text, f.text) {
			continue
		}
		if f.kind == engine.KindUnsupportedOp {
			return engine.Errorf(engine.StageLoad, f.kind, "ONNX Runtime has no kernel for %s: %w", opName(text), err)
		}
		return engine.Errorf(engine.StageLoad, f.kind, "ONNX Runtime cannot load the model: %w", err)
	}
	return engine.Errorf(engine.StageLoad, engine.KindInvalidFormat, "ONNX Runtime cannot load the model: %w", err)
}

// runError maps what the library said when it ran a session.
func runError(err error) *engine.Error {
	var known *engine.Error
	if errors.As(err, &known) {
		return known
	}
	if containsAny(err.Error(), outOfMemory) {
		return engine.Errorf(engine.StageInference, engine.KindOutOfMemory, "not enough memory to run the model: %w", err)
	}
	return engine.Errorf(engine.StageInference, engine.KindInference, "ONNX Runtime failed to run the model: %w", err)
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

func containsAny(text string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

func timeout(stage engine.Stage, cause error) *engine.Error {
	if errors.Is(cause, context.Canceled) {
		return engine.Errorf(stage, engine.KindTimeout, "ended before it was done: %w", cause)
	}
	return engine.Errorf(stage, engine.KindTimeout, "the time limit ended it (see --timeout): %w", cause)
}
