package probe

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
)

// Measure probes one model. It always gives a report: where something failed, Report.Error says what and everything
// known by then stands in it. Where ctx ends first, the report says timeout and comes at once, even where the engine's
// native code cannot be interrupted; that work is then left behind, so the process should end soon.
func Measure(ctx context.Context, o Options) *Report {
	m := &measurement{options: o, began: o.now(), report: newReport(o)}
	m.options.Threads = m.report.Environment.Threads
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		defer m.recoverFault()
		m.fail(m.run(ctx))
	}()
	select {
	case <-finished:
	case <-ctx.Done():
		// Whatever can be interrupted reports by itself; the rest gets a moment and no more.
		select {
		case <-finished:
		case <-time.After(grace):
		}
		m.fail(failure.Interrupted(m.stage(), m.current(), ctx.Err()))
	}
	return m.finish()
}

// grace is how long an interrupted engine may take to say so.
const grace = 300 * time.Millisecond

// measurement is one probe under way. The report is guarded: after a timeout it is read while the probe still runs.
type measurement struct {
	options Options
	began   time.Time

	mu     sync.Mutex
	report *Report
	closed bool // no more changes: the report has been handed out
	at     string
	loaded bool
}

// update changes the report unless it has been handed out.
func (m *measurement) update(change func(r *Report)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed {
		change(m.report)
		if m.options.Partial != nil {
			m.options.Partial(m.report)
		}
	}
}

func (m *measurement) step(name string) {
	m.mu.Lock()
	m.at = name
	m.mu.Unlock()
	m.options.step(name)
}

func (m *measurement) current() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

// stage is what a failure belongs to that carries none of its own.
func (m *measurement) stage() failure.Stage {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.loaded:
		return failure.StageInference
	case m.at == "" || m.at == "resolve":
		return failure.StageResolve
	}
	return failure.StageLoad
}

// fail notes why the probe ended; the first reason stays.
func (m *measurement) fail(err error) {
	if err == nil {
		return
	}
	var e *failure.Error
	if !errors.As(err, &e) {
		kind := failure.KindInternal
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			kind = failure.KindTimeout
		}
		e = failure.Errorf(m.stage(), kind, "%w", err)
	}
	m.update(func(r *Report) {
		if r.Error != nil {
			return
		}
		r.Error = newFailure(e)
		yes, no := true, false
		if e.Stage == failure.StageInference {
			r.Measured.LoadSuccess, r.Measured.InferenceSuccess = &yes, &no
		} else {
			r.Measured.LoadSuccess = &no
		}
	})
}

// recoverFault turns a panic of probe itself into a failure of kind internal: users see no stack.
func (m *measurement) recoverFault() {
	if p := recover(); p != nil {
		m.fail(failure.Errorf(m.stage(), failure.KindInternal, "probe itself failed while at %s: %v", m.current(), p))
	}
}

// run does the work; what it learns goes into the report step by step.
func (m *measurement) run(ctx context.Context) error {
	o := m.options
	o.Progress, o.Log = m.step, nil // m.step tells the caller, and knows the step for the report
	before := residentNow()
	var sum *digesting
	hashing, stop := context.WithCancel(ctx)
	defer stop()
	opened, err := open(ctx, o, true, func(s step) {
		if s.Source != nil {
			sum = startDigest(hashing, s.Source.WeightFile())
		}
		m.opened(s)
	})
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }() // freeing what the process is about to give back anyway
	after := residentNow()
	m.update(func(r *Report) {
		r.Memory.BeforeLoad, r.Memory.AfterLoad = before, after
		yes := true
		r.Measured.LoadSuccess = &yes
	})
	sum.wait() // its CPU time would count in the budgets
	b := newBattery(opened.Model, m.options)
	began := m.options.now()
	for _, part := range b.parts() {
		m.step(string(part.name))
		err := b.run(ctx, part)
		m.update(b.report) // whatever ends the probe later, this much is known
		if err != nil {
			return err
		}
	}
	var ran *engine.Provider
	if p, ok := models.As[models.Provider](opened.Model); ok {
		provider, err := p.Provider()
		if err != nil {
			return err
		}
		ran = &provider
	}
	took := m.options.now().Sub(began)
	m.update(func(r *Report) {
		yes := true
		r.Measured.InferenceSuccess = &yes
		r.Timings.Battery = seconds(took)
		if ran != nil {
			setProvider(r, *ran)
		}
	})
	if d := m.digest(ctx, opened, sum); d != "" {
		m.update(func(r *Report) { r.Model.Digest = &d })
	}
	return nil
}

// opened takes in one finished part of opening.
func (m *measurement) opened(s step) {
	m.update(func(r *Report) {
		switch {
		case s.Source != nil:
			describeSource(r, s.Source)
			r.Timings.Resolve = seconds(s.Took)
		case s.Card != nil:
			describeDeclared(r, s.Card)
		case s.backend != nil:
			name, version := s.backend.Engine.Name(), s.backend.Engine.Version()
			r.Environment.Backend, r.Environment.BackendVersion = &name, &version
			r.Warnings = append(r.Warnings, s.backend.Warnings...)
		case s.Model != nil:
			m.loaded = true
			describeModel(r, s.Model.Info())
			r.Timings.Load = seconds(s.Took)
		}
	})
}

// finish closes the report and fills what depends on the end.
func (m *measurement) finish() *Report {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	r := m.report
	r.conclude()
	r.Timings.Total = *seconds(m.options.now().Sub(m.began))
	r.Memory.PeakRSS = residentPeak()
	return r
}
