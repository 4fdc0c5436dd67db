package render

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/divinedevops/probe/internal/columns"
	"github.com/divinedevops/probe/probe"
)

// The columns of the text for a person; together at most Width.
const (
	// Width is how many columns the text takes at most, but for words that are longer than a line.
	Width      = 80
	labelWidth = 18
	cellWidth  = 31
)

// writeText is the report for a person at a terminal.
func writeText(r *probe.Report, o Options) ([]byte, error) {
	page, p := newPage(r, o.Hints), painter{o.Colour}
	var b strings.Builder
	model := columns.Fit(page.model, Width*3/4)
	head := columns.Fit(page.name, Width-2-utf8.RuneCountInString(model))
	fmt.Fprintf(&b, "%s%s\n", p.bold(head), columns.Right(model, Width-utf8.RuneCountInString(head)))
	fmt.Fprintf(&b, "%s%s\n", page.engine, columns.Right(page.cost, Width-utf8.RuneCountInString(page.engine)))
	if f := page.failure; f != nil {
		fmt.Fprintf(&b, "\n%s %s: %s\n", p.red("FAILED"), f.stage, f.kind)
		for _, s := range []string{f.message, f.hint} {
			if s != "" {
				b.WriteString(columns.Wrap(s, 2, Width))
			}
		}
	}
	if len(page.rows) > 0 {
		fmt.Fprintf(&b, "\n%s\n", p.faint(cells("", "measured", "declared")))
		for _, row := range page.rows {
			s := cells(row.Label, measuredCell(row), row.Declared)
			if row.Drifted {
				s = p.yellow(s)
			}
			b.WriteString(s + "\n")
		}
		writeDrift(&b, page, p)
	}
	if len(page.notes) > 0 {
		b.WriteString("\n")
		for _, n := range page.notes {
			b.WriteString(columns.Wrap(n, 0, Width))
		}
	}
	if o.Last != "" {
		fmt.Fprintf(&b, "\n%s\n", p.faint(o.Last))
	}
	return []byte(b.String()), nil
}

// measuredCell is "l2     norms 1 +- 6e-8". It may take the place of a declared side that does not need it; the value is cut
// before the summary is.
func measuredCell(row probe.Row) string {
	room := Width - labelWidth
	if declared := utf8.RuneCountInString(row.Declared); declared > 0 {
		room -= 1 + min(declared, room-cellWidth-1)
	}
	if row.If != "" { // it stays whole: what is cut is what it qualifies
		suffix := " " + row.If
		row.If = ""
		return fitCell(row, room-utf8.RuneCountInString(suffix)) + suffix
	}
	return fitCell(row, room)
}

func fitCell(row probe.Row, room int) string {
	switch {
	case row.Summary == "":
		return columns.Fit(row.Value, room)
	case row.Value == "":
		return columns.Fit(row.Summary, room)
	}
	left := max(room-2-utf8.RuneCountInString(row.Summary), 10)
	value := columns.Fit(row.Value, left)
	if utf8.RuneCountInString(value) > 6 {
		value += " " // short words stand in a column of their own, after others the summary needs a gap
	}
	return columns.Fit(fmt.Sprintf("%-6s %s", value, row.Summary), room)
}

func writeDrift(b *strings.Builder, page page, p painter) {
	if len(page.drift) == 0 {
		if page.failure == nil {
			b.WriteString(cells("drift", "none", "") + "\n")
		}
		return
	}
	for i, d := range page.drift {
		label := ""
		if i == 0 {
			label = "drift"
		}
		line := fmt.Sprintf("%-*s%s: measured %s, declared %s", labelWidth, label, d.Key, d.Measured, d.Declared)
		if d.Where != "" {
			line += " (" + d.Where + ")"
		}
		b.WriteString(p.yellow(strings.TrimSuffix(columns.Hang(line, labelWidth, Width), "\n")) + "\n")
	}
}

// cells lays out one line of the table.
func cells(key, measured, declared string) string {
	line := fmt.Sprintf("%-*s%-*s", labelWidth, key, cellWidth, measured)
	if declared != "" {
		// A wide measured cell takes from the declared one, after a space.
		room := max(min(Width-labelWidth-cellWidth, Width-1-utf8.RuneCountInString(line)), 0)
		if strings.TrimRight(line, " ") == line {
			line += " "
		}
		line += columns.Fit(declared, room)
	}
	return strings.TrimRight(line, " ")
}
