// Package group gathers records that wait at the same time, so that one sync makes all of them durable.
package group

import (
	"context"
	"errors"
	"sync"

	"github.com/divinedevops/probe/collect/record"
)

// maxBatch is the largest number of records that are made durable together.
const maxBatch = 1024

// ErrClosed is returned by Put after Close.
var ErrClosed = errors.New("the store is closed")

// Commit makes the records that wait at the same time durable together: while one batch is being
// written, the next one gathers. The function it was made with never runs twice at once.
type Commit struct {
	commit  func([]record.Record) []Outcome
	waiting chan *pending
	done    chan struct{}

	mu     sync.RWMutex // held for writing by Close, so that nobody sends on a closed channel
	closed bool
}

// Outcome is what became of one record.
type Outcome struct {
	Stored bool // false for a repeat
	Err    error
}

// Outcomes returns the same error for n records.
func Outcomes(n int, err error) []Outcome {
	out := make([]Outcome, n)
	for i := range out {
		out[i].Err = err
	}
	return out
}

type pending struct {
	record record.Record
	Outcome
	done chan struct{}
}

// New starts a Commit whose batches go to commit.
func New(commit func([]record.Record) []Outcome) *Commit {
	g := &Commit{commit: commit, waiting: make(chan *pending, maxBatch), done: make(chan struct{})}
	go g.run()
	return g
}

// Put waits until the record's batch is durable, or ctx ends; the record may then be stored all the same.
func (g *Commit) Put(ctx context.Context, r record.Record) (bool, error) {
	p := &pending{record: r, done: make(chan struct{})}
	g.mu.RLock()
	if g.closed {
		g.mu.RUnlock()
		return false, ErrClosed
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
		return p.Stored, p.Err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

func (g *Commit) run() {
	defer close(g.done)
	batch := make([]*pending, 0, maxBatch)
	records := make([]record.Record, 0, maxBatch)
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
			batch[i].Outcome = result
			close(batch[i].done)
		}
	}
}

// Close commits what is waiting and ends.
func (g *Commit) Close() {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		close(g.waiting)
	}
	g.mu.Unlock()
	<-g.done
}
