package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/vocabulary"
)

func TestDeviceCrossesToAnotherProcess(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]engine.Device{
		"auto": {Kind: engine.Auto}, "cpu": {Kind: engine.CPU}, "gpu": {Kind: engine.GPU}, "cuda:1": {Kind: "cuda", ID: "1"},
	} {
		b, err := json.Marshal(struct{ D engine.Device }{want})
		if err != nil || string(b) != `{"D":"`+text+`"}` {
			t.Errorf("expected %s, found %s (%v)", text, b, err)
		}
		var back struct{ D engine.Device }
		if err := json.Unmarshal(b, &back); err != nil || back.D != want {
			t.Errorf("%s: expected %+v back, found %+v (%v)", text, want, back.D, err)
		}
	}
	if zero := (engine.Device{}).String(); zero != engine.Auto {
		t.Errorf("expected the zero device to be auto, found %s", zero)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	late, ended := engine.Timeout(failure.StageLoad, context.DeadlineExceeded), engine.Timeout(failure.StageLoad, context.Canceled)
	if !errors.Is(late, context.DeadlineExceeded) || !slices.Contains(late.Remedies, vocabulary.RemedyMoreTime) {
		t.Errorf("expected a time limit to keep its cause and to ask for more time, found %+v", late)
	}
	if !errors.Is(ended, context.Canceled) || len(ended.Remedies) > 0 || ended.Kind != failure.KindTimeout {
		t.Errorf("expected a canceled run without a remedy, found %+v", ended)
	}
}

func TestInOrderChecksElements(t *testing.T) {
	t.Parallel()
	for says, x := range map[string]tensor.Tensor{
		"expected 4 elements": tensor.NewInt64([]int64{1, 2}, 2, 2),
		"expected 2 elements": {DType: tensor.Float16, Shape: []int64{2}, Raw: make([]byte, 2)},
		"0 or more":           tensor.NewFloat32([]float32{1}, -1),
		"2147483647]":         tensor.NewFloat32(nil, math.MaxInt32, math.MaxInt32, math.MaxInt32),
		"numeric":             {DType: tensor.String, Shape: []int64{0}},
	} {
		_, err := engine.InOrder([]tensor.Info{{Name: "x"}}, []tensor.Named{{Name: "x", Tensor: x}})
		var fault *failure.Error
		if !errors.As(err, &fault) || fault.Kind != failure.KindInternal || !strings.Contains(fault.Message, says) {
			t.Errorf("expected an error that says %q, found %v", says, err)
		}
	}
}

// TestLifetimeFreesOnce closes a session while its run goes on: it is freed once, after the run.
func TestLifetimeFreesOnce(t *testing.T) {
	t.Parallel()
	freed, release, done := make(chan struct{}, 2), make(chan struct{}), make(chan struct{})
	l := engine.NewLifetime(func() { freed <- struct{}{} })
	ctx, cancel := context.WithCancel(t.Context())
	stopped := false
	_, err := l.Run(ctx, func() ([]tensor.Tensor, error) {
		cancel()
		<-release
		defer close(done)
		return nil, nil
	}, func() { stopped = true })
	if !errors.Is(err, context.Canceled) || !stopped {
		t.Fatalf("expected the run to be stopped, found %v", err)
	}
	if _, err := l.Run(t.Context(), nil, nil); err == nil || !strings.Contains(err.Error(), "running") {
		t.Errorf("expected a second run to be refused, found %v", err)
	}
	if err := l.Last(nil); err == nil || !strings.Contains(err.Error(), "running") {
		t.Errorf("expected the last use to wait for the run, found %v", err)
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(freed) > 0 {
		t.Error("expected nothing to be freed while the run goes on")
	}
	close(release)
	<-done
	<-freed
	if err := l.Close(); err != nil || len(freed) > 0 {
		t.Errorf("expected the session to be freed once (%v)", err)
	}
}
