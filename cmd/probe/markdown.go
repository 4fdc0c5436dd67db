package main

import (
	"fmt"
	"strings"

	"github.com/divinedevops/probe/probe"
)

// renderMarkdown is the report as GitHub-flavoured Markdown, for model cards and pull requests.
func renderMarkdown(r *probe.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", markdownText(r.Name))
	for _, line := range []string{modelLine(r), strings.Join(nonEmpty(engineLine(r), costLine(r)), ", ")} {
		if line != "" {
			fmt.Fprintf(&b, "%s  \n", markdownText(line))
		}
	}
	if r.Error != nil {
		fmt.Fprintf(&b, "\n**Failed** at %s (`%s`): %s\n", r.Error.Stage, r.Error.Kind, markdownText(r.Error.Message))
	}
	if rows := comparison(r); len(rows) > 0 {
		b.WriteString("\n| | measured | declared |\n|---|---|---|\n")
		for _, line := range rows {
			measured := markdownText(strings.Join(strings.Fields(line.measured), " "))
			if line.drifted {
				measured = "**" + measured + "**"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", line.key, measured, markdownText(line.declared))
		}
	}
	if len(r.Drift) > 0 {
		b.WriteString("\n**Drift**\n\n")
		for _, d := range r.Drift {
			fmt.Fprintf(&b, "- `%s`: measured %s, declared %s", d.Key, markdownText(plain(d.Measured)),
				markdownText(plain(d.Declared)))
			if at := r.DeclaredIn[d.Key]; at != "" {
				fmt.Fprintf(&b, " (%s)", markdownText(at))
			}
			b.WriteString("\n")
		}
	}
	if list := notes(r); len(list) > 0 {
		b.WriteString("\n")
		for _, n := range list {
			fmt.Fprintf(&b, "- %s\n", markdownText(n))
		}
	}
	return b.String()
}

// markdownText escapes what Markdown would take as markup.
func markdownText(s string) string {
	return markdownEscapes.Replace(strings.Join(strings.Fields(s), " "))
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "[", `\[`)

func nonEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}
