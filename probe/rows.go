package probe

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/vocabulary"
)

// Row is one line of the report for a person, whatever its format: a property as measured and as declared.
type Row struct {
	Key, Label string
	// Value is what was measured, and Summary what stands after it; both are "" if there is nothing.
	Value, Summary string
	// If ends what was measured under an assumption: "(if mean)".
	If string
	// Declared is what the files say, "" for nothing.
	Declared string
	// Drifted is whether the two differ.
	Drifted bool
}

// Rows lists the properties in the order of the report for a person. A line that neither side knows is left out.
func (r *Report) Rows() []Row {
	drifted := map[string]bool{}
	for _, d := range r.Drift {
		drifted[d.Key] = true
	}
	var rows []Row
	for _, p := range properties() {
		if p.label == "" || p.onlyDrift && !drifted[p.key] {
			continue
		}
		row := Row{Key: p.key, Label: p.label, Drifted: drifted[p.key]}
		f := r.Findings[p.key]
		line := p.line
		if line == nil {
			line = valueAndSummary
		}
		row.Value, row.Summary = line(r, f)
		switch {
		case p.stated != nil:
			row.Declared = p.stated(r)
		case p.declared != nil:
			row.Declared = plain(p.column.get(&r.Declared))
		}
		row.rest(r, f)
		if row.Value != "" || row.Summary != "" || row.Declared != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

// rest ends what was measured under an assumption in "(if mean)".
func (row *Row) rest(r *Report, f detect.Finding) {
	for _, key := range f.RestsOn {
		if a := r.Assumed[key]; a != nil && (row.Summary != "" || row.Value != "") {
			row.If = "(if " + plain(a.Value) + ")"
		}
	}
}

// DriftRow is one entry of Report.Drift in words.
type DriftRow struct {
	Key, Measured, Declared string
	// Where is the file and key that declare it.
	Where string
}

// DriftRows lists what differs.
func (r *Report) DriftRows() []DriftRow {
	var rows []DriftRow
	for _, d := range r.Drift {
		rows = append(rows, DriftRow{Key: d.Key, Measured: plain(d.Measured), Declared: plain(d.Declared), Where: r.DeclaredIn[d.Key]})
	}
	return rows
}

// Note is what a reader should know besides the rows.
type Note struct {
	Text string
	// ReasonCode is that of the finding that the note explains, "" if it has none.
	ReasonCode string
}

// Notes are the warnings, and why a value that everybody wants is missing.
func (r *Report) Notes() []Note {
	var notes []Note
	for _, w := range r.Warnings {
		notes = append(notes, Note{Text: "note: " + w})
	}
	if r.Error != nil {
		return notes
	}
	if text, ok := r.outputNote(); ok {
		notes = append(notes, Note{Text: text})
	}
	for _, p := range properties() {
		f := r.Findings[p.key]
		missing := f.Value == nil || f.Value == vocabulary.PoolingUnknown
		switch {
		case f.Reason == "":
		case p.noted && !missing:
			notes = append(notes, Note{"note: " + f.Reason, f.ReasonCode})
		case p.explained && missing && (p.key != vocabulary.KeyPooling || !r.askedPooling()):
			notes = append(notes, Note{fmt.Sprintf("%s is not known: %s", p.key, f.Reason), f.ReasonCode})
		}
	}
	slices.SortFunc(notes, func(a, b Note) int { return strings.Compare(a.Text, b.Text) })
	return slices.Compact(notes)
}

// askedPooling reports whether the user decided the pooling, who needs no telling that nothing else shows it.
func (r *Report) askedPooling() bool {
	a := r.Assumed[vocabulary.KeyPooling]
	return a != nil && a.Why == models.WhyAsked
}

// plain prints a value of the report as a person reads it; "" for nil.
func plain(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case []string:
		return orNone(v)
	case map[string]string:
		return orNone(slices.Sorted(maps.Keys(v)))
	case float64:
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprint(value)
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
