package collect

import (
	"bytes"
	"context"
	_ "embed"
	"html/template"
	"net/http"
	"sync"
	"time"

	"github.com/divinedevops/probe/collect/registry"
	"github.com/divinedevops/probe/collect/store"
)

//go:embed page.html
var pageHTML string

// maxPageModels bounds the page.
const maxPageModels = 1000

// page is what people see at /: kept for a while, since taking the survey reads every event.
type page struct {
	source store.Source
	now    func() time.Time
	age    time.Duration

	mu    sync.Mutex
	html  []byte
	taken time.Time
}

// render gives the page, taken anew where it is too old. One request at a time takes it; the others wait for it.
func (p *page) render(ctx context.Context) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.now(); p.html != nil && now.Sub(p.taken) < p.age && !p.taken.After(now) {
		return p.html, nil
	}
	survey, err := registry.TakeSurvey(p.source.All(ctx))
	if err != nil {
		return nil, err
	}
	view := struct {
		registry.Survey
		Shown []registry.Model
		Taken string
	}{survey, survey.Models[:min(len(survey.Models), maxPageModels)], p.now().UTC().Format("2006-01-02 15:04 MST")}
	tmpl, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, view); err != nil {
		return nil, err
	}
	p.html, p.taken = out.Bytes(), p.now()
	return p.html, nil
}

func (s *Server) showPage(w http.ResponseWriter, r *http.Request) {
	// A reader who goes away must not spoil the page for those who wait for the same survey.
	html, err := s.page.render(context.WithoutCancel(r.Context()))
	if err != nil {
		s.Log.Error("page", "error", err)
		writeError(w, http.StatusServiceUnavailable, "the events cannot be read now", nil)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(html)
}
