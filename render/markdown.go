package render

import (
	"fmt"
	"strings"

	"github.com/divinedevops/probe/internal/columns"
	"github.com/divinedevops/probe/probe"
)

// writeMarkdown is the report as GitHub-flavoured Markdown, for model cards and pull requests.
func writeMarkdown(r *probe.Report, o Options) ([]byte, error) {
	page := newPage(r, o.Hints)
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", markdown(page.name))
	for _, line := range []string{page.model, columns.Join(", ", page.engine, page.cost)} {
		if line != "" {
			fmt.Fprintf(&b, "%s  \n", markdown(line))
		}
	}
	if f := page.failure; f != nil {
		fmt.Fprintf(&b, "\n**Failed** at %s (`%s`): %s\n", f.stage, f.kind, markdown(columns.Join(" ", f.message, f.hint)))
	}
	if len(page.rows) > 0 {
		b.WriteString("\n| | measured | declared |\n|---|---|---|\n")
		for _, row := range page.rows {
			measured := markdown(columns.Join(" ", row.Value, row.Summary, row.If))
			if row.Drifted {
				measured = "**" + measured + "**"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", markdown(row.Label), measured, markdown(row.Declared))
		}
	}
	if len(page.drift) > 0 {
		b.WriteString("\n**Drift**\n\n")
		for _, d := range page.drift {
			fmt.Fprintf(&b, "- `%s`: measured %s, declared %s", d.Key, markdown(d.Measured), markdown(d.Declared))
			if d.Where != "" {
				fmt.Fprintf(&b, " (%s)", markdown(d.Where))
			}
			b.WriteString("\n")
		}
	}
	if len(page.notes) > 0 {
		b.WriteString("\n")
		for _, n := range page.notes {
			fmt.Fprintf(&b, "- %s\n", markdown(n))
		}
	}
	return []byte(b.String()), nil
}

// markdown escapes what Markdown would take as markup.
func markdown(s string) string { return markdownEscapes.Replace(strings.Join(strings.Fields(s), " ")) }

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "[", `\[`)
