package collect

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"log/slog"
	"sync"
	"time"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/collect/registry"
	"github.com/divinedevops/probe/collect/store"
)

// figures keeps the page's figures. They are taken beside the requests, and only what came since the last time is read:
// a request gets the page that is there, and waits only where there is none yet.
type figures struct {
	source store.Source
	now    func() time.Time
	age    time.Duration
	log    *slog.Logger
	ctx    context.Context // of the readings; ends with the server

	// Owned by the reading under way.
	counter *registry.Counter
	at      record.Cursor

	mu      sync.Mutex
	html    []byte
	err     error // of the last reading
	taken   time.Time
	reading chan struct{} // closed when the reading under way ends; nil if there is none
}

// page gives the page as it is, and has it renewed where it is too old.
func (f *figures) page(ctx context.Context) ([]byte, error) {
	f.mu.Lock()
	now := f.now()
	if f.html != nil && now.Sub(f.taken) < f.age && !f.taken.After(now) {
		defer f.mu.Unlock()
		return f.html, nil
	}
	reading := f.renewLocked(true)
	for f.html == nil {
		f.mu.Unlock()
		select {
		case <-reading:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		f.mu.Lock()
		if f.html == nil && f.err != nil {
			defer f.mu.Unlock()
			return nil, f.err
		}
		if f.html == nil { // that one only counted
			reading = f.renewLocked(true)
		}
	}
	defer f.mu.Unlock()
	return f.html, nil
}

// warm counts what is there before anybody asks.
func (f *figures) warm() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.source != nil {
		f.renewLocked(false)
	}
}

// renewLocked has a reading run, one at a time; draw says whether a page is made of it.
func (f *figures) renewLocked(draw bool) (reading <-chan struct{}) {
	if f.reading != nil {
		return f.reading
	}
	done := make(chan struct{})
	f.reading = done
	go func() {
		html, err := f.read(draw)
		if err != nil && f.ctx.Err() == nil {
			f.log.Error("page", "error", err)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.err = err; html != nil {
			f.html, f.taken = html, f.now()
		}
		f.reading = nil
		close(done)
	}()
	return done
}

// wait returns when no reading is under way any more.
func (f *figures) wait() {
	f.mu.Lock()
	reading := f.reading
	f.mu.Unlock()
	if reading != nil {
		<-reading
	}
}

func (f *figures) read(draw bool) ([]byte, error) {
	if err := f.count(); err != nil || !draw {
		return nil, err
	}
	survey := f.counter.Survey()
	view := struct {
		registry.Survey
		Shown []registry.Model
		Taken string
	}{survey, survey.Models[:min(len(survey.Models), maxPageModels)], f.now().UTC().Format("2006-01-02 15:04 MST")}
	tmpl, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, view); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// count reads on from where the last reading ended; from the beginning where what was read is not there any more.
func (f *figures) count() error {
	if f.source == nil {
		return errors.New("this store cannot be read")
	}
	if f.counter == nil {
		f.counter = registry.NewCounter()
	}
	end, err := f.source.Read(f.ctx, f.at, f.add)
	if errors.Is(err, record.ErrStale) {
		f.counter = registry.NewCounter()
		end, err = f.source.Read(f.ctx, "", f.add)
	}
	if err != nil { // half of it may be counted
		f.counter, f.at = nil, ""
		return err
	}
	f.at = end
	return nil
}

func (f *figures) add(e record.Entry) error {
	f.counter.Add(e)
	return nil
}
