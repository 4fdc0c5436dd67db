//go:build unix

// Package fault is an engine that goes wrong, for tests: it runs models in pure Go until it does what it was asked for.
package fault

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/gomlx"
	"github.com/divinedevops/probe/models/tensor"
)

// The moments at which the engine goes wrong.
const (
	AtOpen  = "open"   // while the session is made
	AtRun   = "run"    // at the first inference
	AtNext  = "next"   // at the second one of that step
	AtLong  = "length" // at the first inference of that step
	AtClose = "close"  // when all has been measured
)

// Faults are what can go wrong, by name.
var Faults = map[string]func(){
	"segfault":         badAddress,
	"segfault-default": defaultSegfault,
	"abort":            abort,
	"bad-alloc":        badAlloc,
	"bus":              func() { raise(syscall.SIGBUS) },
	"bus-mapped":       cutMapping,
	"overflow":         func() { fmt.Fprintln(os.Stderr, deep(0)) },
	"illegal":          func() { raise(syscall.SIGILL) },
	"killed":           func() { raise(syscall.SIGKILL) },
	"memory": func() {
		for {
			take(4 << 20)
		}
	},
	"hang":   func() { select {} },
	"spin":   spin,
	"stop":   func() { raise(syscall.SIGSTOP) },
	"exit":   func() { os.Exit(0) },
	"exit-7": func() { os.Exit(7) },
	"panic": func() {
		go func() { panic("a fault in a goroutine of the engine") }()
		select {}
	},
	"print": func() { // and nothing else
		noise := rubbish(1 << 20)
		_, _ = os.Stdout.Write(noise)
		_, _ = os.Stderr.Write(noise)
		_, _ = fmt.Fprint(os.Stdout, "\n\x1b[31mred\x07 {\"schema_version\": 1}\n")
	},
	"pipe":      func() { toPipes(rubbish(4096)) },
	"pipe-huge": func() { toPipes([]byte("PRB1r\xff\xff\xff\xff\x00\x00\x00\x00")) },
	"pipe-short": func() {
		toPipes([]byte("PRB1r\x00\x00\x10\x00\x00\x00\x00\x00{"))
		os.Exit(0)
	},
	"pipe-forged": func() { toPipes([]byte("PRB1r\x00\x00\x00\x02\xa3\xa6\xbf\x43{}")) }, // the checksum of "{}" is right
	"orphan": func() {
		cmd := exec.Command("sleep", "600")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		_ = cmd.Start()
		os.Exit(0)
	},
}

func raise(s syscall.Signal) {
	_ = syscall.Kill(os.Getpid(), s)
	select {} // until it arrives
}

// cutMapping reads a mapped file beyond its end, as happens where weights are cut while they are mapped.
func cutMapping() {
	const size = 1 << 20
	f, err := os.CreateTemp("", "fault-")
	if err != nil {
		panic(err)
	}
	_ = f.Truncate(size) // if that fails, so does the mapping's reading
	b, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	_ = f.Truncate(0)
	fmt.Fprintln(os.Stderr, b[size/2])
}

// deep ends long after any stack has.
func deep(n int) int {
	if n < 0 {
		return 0
	}
	return deep(n+1) + n
}

// rubbish is the same in every run.
func rubbish(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// toPipes writes to every pipe of this process but the standard three, as native code would that has a wrong descriptor.
func toPipes(b []byte) {
	for fd := 3; fd < 64; fd++ {
		if link, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd)); err == nil && strings.HasPrefix(link, "pipe:") {
			_, _ = syscall.Write(fd, b)
		}
	}
}

// New is an engine that does what Faults has under name, at one of the moments.
func New(name, at string) *Engine { return &Engine{Engine: gomlx.New(), fault: Faults[name], at: at} }

// Engine is the engine that goes wrong.
type Engine struct {
	engine.Engine
	fault func()
	at    string
	step  atomic.Value
	runs  atomic.Int64 // of the step run
}

// Step tells the engine which step of the probe begins (probe.Options.Progress).
func (f *Engine) Step(name string) { f.step.Store(name) }

func (f *Engine) Open(ctx context.Context, g engine.Graph, o engine.Options) (engine.Session, error) {
	if f.at == AtOpen {
		f.fault()
	}
	s, err := f.Engine.Open(ctx, g, o)
	if err != nil {
		return nil, err
	}
	return &session{s, f}, nil
}

func (f *Engine) Close() error {
	if f.at == AtClose {
		f.fault()
	}
	return f.Engine.Close()
}

type session struct {
	engine.Session
	f *Engine
}

func (s *session) Run(ctx context.Context, in []tensor.Named, out []string) ([]tensor.Tensor, error) {
	step := s.f.step.Load()
	if step == s.f.at || step == AtRun && s.f.runs.Add(1) == 2 && s.f.at == AtNext {
		s.f.fault()
	}
	return s.Session.Run(ctx, in, out)
}
