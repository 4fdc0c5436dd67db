//go:build !cgo

package ort_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/ort"
)

func TestOpenSaysThatThereIsNoCgo(t *testing.T) {
	t.Parallel()
	_, err := ort.Open("libonnxruntime.so")
	var e *failure.Error
	if ort.Built || !errors.As(err, &e) || e.Kind != failure.KindRuntimeUnavailable || !strings.Contains(e.Message, "cgo") {
		t.Errorf("expected runtime_unavailable for want of cgo, found %v", err)
	}
}
