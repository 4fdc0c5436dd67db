package isolate_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe/isolate"
	"github.com/divinedevops/probe/vocabulary"
)

// echoRequest asks the task "echo" to send its input back, and how to end.
type echoRequest struct{ End string }

var echo = isolate.Register("echo", func(ctx context.Context, q echoRequest, s *isolate.Stream) error {
	s.Step("run")
	if _, err := io.Copy(s, s.Input()); err != nil {
		return err
	}
	switch q.End {
	case "misuse":
		return isolate.Misusef("no %s", "such thing")
	case "failure":
		return failure.Errorf(failure.StageLoad, failure.KindTooLarge, "too large").With(vocabulary.RemedyMoreMemory)
	case "panic":
		panic("oh")
	case "wait":
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
})

// TestEcho: input of any size arrives and comes back, whole and in order.
func TestEcho(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(f isolate.Follow) error{
		"child": func(f isolate.Follow) error { return echo.Run(t.Context(), echoRequest{}, f, isolate.Options{}) },
		"here":  func(f isolate.Follow) error { return echo.RunHere(t.Context(), echoRequest{}, f) },
	} {
		for _, size := range []int{0, 1, 70_000, 30 << 20} {
			sent := bytes.Repeat([]byte("0123456789abcdef\n"), size/17+1)[:size]
			var got bytes.Buffer
			if err := run(isolate.Follow{Input: bytes.NewReader(sent), Result: isolate.Lines(&got)}); err != nil {
				t.Fatalf("%s, %d bytes: %v", name, size, err)
			}
			if !bytes.Equal(sent, got.Bytes()) {
				t.Errorf("%s: %d bytes became other %d", name, size, got.Len())
			}
		}
	}
}

// TestErrorsCross: an error of the task is the same from a child and from this process.
func TestErrorsCross(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(ctx context.Context, q echoRequest, f isolate.Follow) error{
		"child": func(ctx context.Context, q echoRequest, f isolate.Follow) error {
			return echo.Run(ctx, q, f, isolate.Options{MemoryLimit: isolate.NoMemoryLimit})
		},
		"here": echo.RunHere,
	} {
		var misuse *isolate.Misuse
		if err := run(t.Context(), echoRequest{"misuse"}, isolate.Follow{}); !errors.As(err, &misuse) || misuse.Message != "no such thing" {
			t.Errorf("%s: %v", name, err)
		}
		var f *failure.Error
		err := run(t.Context(), echoRequest{"failure"}, isolate.Follow{})
		if !errors.As(err, &f) || f.Stage != failure.StageLoad || f.Kind != failure.KindTooLarge || f.Message != "too large" ||
			len(f.Remedies) != 1 || f.Remedies[0] != vocabulary.RemedyMoreMemory {
			t.Errorf("%s: %+v", name, err)
		}
		if err := run(t.Context(), echoRequest{"panic"}, isolate.Follow{}); !errors.As(err, &f) || f.Kind != failure.KindInternal ||
			strings.Contains(err.Error(), "goroutine") {
			t.Errorf("%s: %v", name, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		err = run(ctx, echoRequest{"wait"}, isolate.Follow{Step: func(string) { cancel() }})
		if !errors.As(err, &f) || f.Kind != failure.KindTimeout || f.Stage != failure.StageInference ||
			f.Message != `interrupted during "run"` {
			t.Errorf("%s: %v", name, err)
		}
		// Errors of the caller's own come back as they are.
		own := errors.New("the disk is full")
		in := func() io.Reader { return strings.NewReader("text\n") }
		if err := run(t.Context(), echoRequest{}, isolate.Follow{Input: in(), Result: func([]byte) error { return own }}); !errors.Is(err, own) {
			t.Errorf("%s: %v", name, err)
		}
		broken := io.MultiReader(in(), &brokenReader{own})
		if err := run(t.Context(), echoRequest{}, isolate.Follow{Input: broken}); !errors.Is(err, own) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type brokenReader struct{ err error }

func (b *brokenReader) Read([]byte) (int, error) { return 0, b.err }

// TestBlockedReader: a caller that takes no result does not keep a task from being given up.
func TestBlockedReader(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	block := make(chan struct{})
	defer close(block)
	err := echo.Run(ctx, echoRequest{}, isolate.Follow{
		Input:  strings.NewReader(strings.Repeat("text\n", 1<<20)),
		Result: func([]byte) error { cancel(); <-block; return nil },
	}, isolate.Options{})
	var f *failure.Error
	if !errors.As(err, &f) || f.Kind != failure.KindTimeout {
		t.Errorf("%v", err)
	}
}
