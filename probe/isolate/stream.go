package isolate

import (
	"context"
	"fmt"
	"io"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
)

// Stream is a task's side of the way to its caller.
type Stream struct {
	send    func(kind byte, payload []byte) error
	input   io.Reader
	logs    bool
	prepare []func(*probe.Options)
	steps   func(name string) // of the options that prepare made
	child   bool
}

// Send sends one result, of at most 8 MiB. An error says that nobody takes it: the task should end.
func (s *Stream) Send(payload []byte) error { return s.send(frameResult, payload) }

// maxPiece is how much one result of Write holds.
const maxPiece = 1 << 20

// Write sends b as results of at most 1 MiB. A task that writes lines should write several at once, and whole ones: what
// comes through after a crash are whole calls.
func (s *Stream) Write(b []byte) (int, error) {
	for n := 0; n < len(b); n += maxPiece {
		if err := s.Send(b[n:min(n+maxPiece, len(b))]); err != nil {
			return n, err
		}
	}
	return len(b), nil
}

// Step says what begins, in one word. The stage of a crash is told by it: resolve and load are stages of their own, any
// other step is inference.
func (s *Stream) Step(name string) {
	_ = s.send(frameStep, []byte(name)) // who cannot send finds out with the next result
	if s.steps != nil {
		s.steps(name)
	}
}

// Logf says something to a caller that wants details.
func (s *Stream) Logf(format string, args ...any) {
	if s.logs {
		line := fmt.Appendf(nil, format, args...)
		_ = s.send(frameLog, line[:min(len(line), maxLine)]) // as in Step
	}
}

// Notef says what the user should know of the results.
func (s *Stream) Notef(format string, args ...any) {
	line := fmt.Appendf(nil, format, args...)
	_ = s.send(frameNote, line[:min(len(line), maxLine)]) // as in Step
}

// Input is what the caller passes on; it ends at once if the caller has none.
func (s *Stream) Input() io.Reader { return s.input }

// Options are o for opening a model here: steps and log lines go to the caller, and in the child what Main was given has
// prepared them.
func (s *Stream) Options(o probe.Options) probe.Options {
	if s.child {
		o.TempDir = "" // the system's own place is the child's folder
	}
	for _, p := range s.prepare {
		p(&o)
	}
	s.steps = o.Progress
	o.Progress = s.Step
	if s.logs {
		o.Log = s.Logf
	}
	return o
}

// Misuse is an error of what a task was asked for, not of the model: a prompt that the model does not have.
type Misuse struct{ Message string }

// Misusef makes a *Misuse.
func Misusef(format string, args ...any) *Misuse { return &Misuse{fmt.Sprintf(format, args...)} }

func (m *Misuse) Error() string { return m.Message }

type noInput struct{}

func (noInput) Read([]byte) (int, error) { return 0, io.EOF }

// inlet is the input of a task in a child. It asks the parent for each piece before it comes, so that what is on the way
// stays bounded and the end of the parent is always seen.
type inlet struct {
	ctx    context.Context
	want   func() error
	pieces <-chan []byte
	piece  []byte
	asked  bool
}

// window is how many pieces are on the way at most.
const window = 4

func (i *inlet) Read(b []byte) (int, error) {
	if !i.asked {
		for range window {
			if err := i.want(); err != nil {
				return 0, err
			}
		}
		i.asked = true
	}
	for len(i.piece) == 0 {
		select {
		case piece, more := <-i.pieces:
			if !more {
				return 0, io.EOF
			}
			if err := i.want(); err != nil {
				return 0, err
			}
			i.piece = piece
		case <-i.ctx.Done():
			return 0, i.ctx.Err()
		}
	}
	n := copy(b, i.piece)
	i.piece = i.piece[n:]
	return n, nil
}

// sentError is the error of a task on its way to the parent.
type sentError struct {
	Stage    failure.Stage `json:"stage,omitempty"`
	Kind     failure.Kind  `json:"kind,omitempty"`
	Message  string        `json:"message"`
	Remedies []string      `json:"remedies,omitempty"`
	Misuse   bool          `json:"misuse,omitempty"`
}
