package gomlx

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/divinedevops/probe/models/engine"
)

// guard runs f and turns its panics, which are how GoMLX tells most errors, into errors.
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

// failure maps what GoMLX said.
func failure(stage engine.Stage, err error) *engine.Error {
	var known *engine.Error
	if errors.As(err, &known) {
		return known
	}
	text := err.Error()
	if m := regexp.MustCompile(`unimplemented ONNX op "([^"]+)"`).FindStringSubmatch(text); m != nil {
		return engine.Errorf(stage, engine.KindUnsupportedOp, "the pure Go engine has no kernel for %s: %w", m[1], err)
	}
	if m := regexp.MustCompile(`op "?(\w+)"? not implemented`).FindStringSubmatch(text); m != nil {
		return engine.Errorf(stage, engine.KindUnsupportedOp, "the pure Go engine has no kernel for %s: %w", m[1], err)
	}
	if stage == engine.StageLoad {
		return engine.Errorf(stage, engine.KindInvalidFormat, "the pure Go engine cannot load the model: %w", err)
	}
	return engine.Errorf(stage, engine.KindInference, "the pure Go engine failed to run the model: %s (%w)",
		firstLine(text), err)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func timeout(stage engine.Stage, cause error) *engine.Error {
	if errors.Is(cause, context.Canceled) {
		return engine.Errorf(stage, engine.KindTimeout, "ended before it was done: %w", cause)
	}
	return engine.Errorf(stage, engine.KindTimeout, "the time limit ended it (see --timeout): %w", cause)
}
