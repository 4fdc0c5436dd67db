package render

import (
	"fmt"
	"strings"

	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/internal/printable"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// page is what a report says to a person, whatever the format. All of it is printable, one line a string.
type page struct {
	name, model  string // "org/name"; "bert, 22.7 M parameters, float32"
	engine, cost string // "ONNX Runtime 1.31.1, CPU, 2 threads"; "0.61 s   143 MB"
	failure      *failed
	rows         []probe.Row
	drift        []probe.DriftRow
	notes        []string
}

// failed is why the probe ended early.
type failed struct{ stage, kind, message, hint string }

func newPage(r *probe.Report, h Hints) page {
	line := printable.Line
	p := page{name: line(r.Name), model: line(modelLine(r)), engine: line(engineLine(r)), cost: costLine(r)}
	if e := r.Error; e != nil {
		p.failure = &failed{stage: line(string(e.Stage)), kind: line(string(e.Kind)), message: line(e.Message)}
		if h.Failure != nil {
			p.failure.hint = line(h.Failure(e))
		}
	}
	for _, row := range r.Rows() {
		row.Label, row.Value, row.Summary, row.Declared = line(row.Label), line(row.Value), line(row.Summary), line(row.Declared)
		row.If = line(row.If)
		if row.Value == "" && row.Summary == "" {
			row.Value = "not measured"
		}
		p.rows = append(p.rows, row)
	}
	for _, d := range r.DriftRows() {
		p.drift = append(p.drift, probe.DriftRow{
			Key: line(d.Key), Measured: line(d.Measured), Declared: line(d.Declared), Where: line(d.Where),
		})
	}
	for _, n := range r.Notes() {
		text := n.Text
		if n.ReasonCode != "" && h.Reason != nil {
			if hint := h.Reason(n.ReasonCode); hint != "" {
				text += "; " + hint
			}
		}
		p.notes = append(p.notes, line(text))
	}
	return p
}

// modelLine is what the model is.
func modelLine(r *probe.Report) string {
	var parts []string
	if t := r.Model.ModelType; t != nil {
		parts = append(parts, *t)
	}
	if n := r.Model.Parameters; n != nil {
		parts = append(parts, count(*n)+" parameters")
	}
	if d := r.Measured.DType; d != nil {
		parts = append(parts, *d)
	}
	return strings.Join(parts, ", ")
}

// engineLine is what ran it.
func engineLine(r *probe.Report) string {
	env := r.Environment
	if env.Backend == nil {
		return ""
	}
	name := *env.Backend
	switch name {
	case vocabulary.BackendONNXRuntime:
		name = "ONNX Runtime"
		if env.BackendVersion != nil {
			name += " " + *env.BackendVersion
		}
	case vocabulary.BackendGo:
		name = "pure Go"
	}
	parts := []string{name}
	if env.DeviceType != nil {
		parts = append(parts, strings.ToUpper(*env.DeviceType))
	}
	if env.Threads > 0 {
		parts = append(parts, grammar.Plural(env.Threads, "thread"))
	}
	return strings.Join(parts, ", ")
}

// costLine is what it took.
func costLine(r *probe.Report) string {
	s := fmt.Sprintf("%.2f s", r.Timings.Total)
	if n := r.Memory.PeakRSS; n != nil {
		s += fmt.Sprintf("%9s", fmt.Sprintf("%d MB", (*n+500_000)/1_000_000))
	}
	return s
}

// count prints a large number shortly: 22.7 M.
func count(n int64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e9, "B"}, {1e6, "M"}, {1e3, "k"}} {
		if float64(n) >= unit.size {
			return fmt.Sprintf("%.1f %s", float64(n)/unit.size, unit.name)
		}
	}
	return fmt.Sprint(n)
}
