package telemetry

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/internal/grammar"
)

func viewCommand(deps *Deps) *cobra.Command {
	var asJSON, sent bool
	cmd := &cobra.Command{
		Use: "view", Short: "Show the queued events, or those that were sent", Args: noArgs,
		Long: "Show the queued events, oldest first, as a table or, with --json, in full. With --sent: the log of what was sent.",
		RunE: func(*cobra.Command, []string) error {
			if sent {
				return viewSent(deps, asJSON)
			}
			content, err := emit.ReadQueue(deps.Home)
			if err != nil {
				return err
			}
			out := bufio.NewWriterSize(deps.Stdout, 1<<16)
			if asJSON {
				viewJSON(out, content.Events)
			} else {
				viewTable(out, content.Events)
			}
			if content.Damaged > 0 {
				_, _ = fmt.Fprintf(deps.Stderr, "%s set aside in %s/data/damaged\n", grammar.Plural(content.Damaged, "damaged file"), deps.Home.Telemetry())
			}
			return out.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document: a list of events as they would be sent")
	cmd.Flags().BoolVar(&sent, "sent", false, "show the log of what was sent")
	return cmd
}

// viewJSON prints a JSON list, one event a line, each as it would be sent. Errors stay in w until it is flushed.
func viewJSON(w io.Writer, events []emit.Queued) {
	_, _ = io.WriteString(w, "[")
	for i, q := range events {
		separator := "\n"
		if i > 0 {
			separator = ",\n"
		}
		_, _ = fmt.Fprintf(w, "%s%s", separator, strings.TrimSuffix(string(q.Bytes), "\n"))
	}
	_, _ = io.WriteString(w, "\n]\n")
}

const nameWidth = 40

// viewTable prints a table that fits 80 columns.
func viewTable(w io.Writer, events []emit.Queued) {
	if len(events) == 0 {
		_, _ = fmt.Fprintln(w, "the queue is empty")
		return
	}
	const row = "%-10s  %-*s  %5s  %-7s  %s\n"
	_, _ = fmt.Fprintf(w, row, "day (UTC)", nameWidth, "model", "dim", "pooling", "result")
	for _, q := range events {
		m := q.Event.Metadata
		_, _ = fmt.Fprintf(w, row, day(m.Timestamp), nameWidth, shorten(m.ModelName, nameWidth), number(m.EmbeddingDimension),
			shorten(text(m.Pooling), 7), result(m))
	}
}

func result(m emit.Metadata) string {
	switch {
	case !m.LoadSuccess:
		return "no load"
	case !m.InferenceSuccess:
		return "no run"
	case len(m.Drift) > 0:
		return "drift"
	}
	return "ok"
}

// shorten cuts the middle out of s, whose two ends tell most of a model's name.
func shorten(s string, width int) string {
	if len(s) <= width {
		return s
	}
	head := (width - 2) / 2
	return s[:head] + ".." + s[len(s)-(width-2-head):]
}

func number(n *int) string {
	if n == nil {
		return "-"
	}
	return strconv.Itoa(*n)
}

func text(s *string) string {
	if s == nil {
		return "-"
	}
	return *s
}
