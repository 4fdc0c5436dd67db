package collect

import (
	"context"
	"errors"
	"sync"
)

// maxBatch is the largest number of records that are made durable together.
const maxBatch = 1024

// errClosed is what Put gives after Close.
var errClosed = errors.New("the store is closed")

// groupCommit gathers the records that wait at the same time and makes them durable in one go: while one batch is being
// written, the next one gathers. commit is never called twice at once.
type groupCommit struct {
	commit  func([]Record) []outcome
	waiting chan *pending
	done    chan struct{}

	mu     sync.RWMutex // held for writing by close, so that nobody sends on a closed channel
	closed bool
}

// outcome is what became of one record.
type outcome struct {
	stored bool // false for a repeat
	err    error
}

// outcomes gives n records the same error.
func outcomes(n int, err error) []outcome {
	out := make([]outcome, n)
	for i := range out {
		out[i].err = err
	}
	return out
}

type pending struct {
	record Record
	outcome
	done chan struct{}
}

func newGroupCommit(commit func([]Record) []outcome) *groupCommit {
	g := &groupCommit{commit: commit, waiting: make(chan *pending, maxBatch), done: make(chan struct{})}
	go g.run()
	return g
}

// put waits until the record's batch is durable, or ctx ends; the record may then be stored all the same.
func (g *groupCommit) put(ctx context.Context, r Record) (bool, error) {
	p := &pending{record: r, done: make(chan struct{})}
	g.mu.RLock()
	if g.closed {
		g.mu.RUnlock()
		return false, errClosed
	}
	select {
	case g.waiting <- p:
		g.mu.RUnlock()
	case <-ctx.Done():
		g.mu.RUnlock()
		return false, ctx.Err()
	}
	select {
	case <-p.done:
		return p.stored, p.err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

func (g *groupCommit) run() {
	defer close(g.done)
	batch := make([]*pending, 0, maxBatch)
	records := make([]Record, 0, maxBatch)
	for first := range g.waiting {
		batch, records = append(batch[:0], first), append(records[:0], first.record)
		for len(batch) < maxBatch && len(g.waiting) > 0 {
			next, ok := <-g.waiting
			if !ok {
				break
			}
			batch, records = append(batch, next), append(records, next.record)
		}
		for i, result := range g.commit(records) {
			batch[i].outcome = result
			close(batch[i].done)
		}
	}
}

// close lets what waits be committed, and ends.
func (g *groupCommit) close() {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		close(g.waiting)
	}
	g.mu.Unlock()
	<-g.done
}
