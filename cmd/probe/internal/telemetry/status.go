package telemetry

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/internal/grammar"
	"github.com/divinedevops/probe/internal/printable"
)

// status is what `probe telemetry status --json` prints.
type status struct {
	Mode       emit.Mode `json:"mode"`
	Stored     emit.Mode `json:"stored_mode"`
	Reason     string    `json:"reason"`
	Given      *string   `json:"given"`
	Queued     int       `json:"queued"`
	Bytes      int       `json:"bytes"`
	Oldest     *string   `json:"oldest"`
	Damaged    int       `json:"damaged"`
	Rejected   int       `json:"rejected"`
	LastBatch  *string   `json:"last_batch"` // when the sender last emptied the queue
	NotBefore  *string   `json:"not_before"` // until when the sender waits after failures
	LastError  string    `json:"last_error"`
	ClientID   *string   `json:"client_id"`
	KeepID     bool      `json:"keep_id"`
	Exclusions []string  `json:"exclusions"`
	Inclusions []string  `json:"inclusions"`
	Withheld   []string  `json:"withheld"` // publishers that events do not name
	Folder     string    `json:"folder"`
	Endpoint   string    `json:"endpoint"`
	Warning    string    `json:"warning"`
}

func statusCommand(deps *Deps) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status", Short: "What is recorded now, why, and where it lies", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := readStatus(deps)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(deps.Stdout, s)
			}
			return s.print(deps)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	endpointFlag(cmd, deps)
	return cmd
}

func readStatus(deps *Deps) (status, error) {
	endpoint, endpointErr := emit.Endpoint(deps.Endpoint, deps.Getenv)
	d := emit.Decide(deps.Home, endpoint, deps.Getenv)
	s := status{Mode: d.Mode, Stored: d.Stored, Reason: d.Reason, Warning: strings.Join(Warnings(d.Notices), "; "), Exclusions: []string{},
		Inclusions: []string{}, Withheld: []string{}}
	if d.Given != nil {
		s.KeepID = d.Given.KeepID
		s.Given = moment(d.Given.Given)
	}
	if deps.Home.Path() != "" {
		s.Folder = deps.Home.Telemetry()
		content, err := emit.ReadQueue(deps.Home)
		if err != nil {
			return s, err
		}
		s.Queued, s.Damaged, s.Rejected = len(content.Events), content.Damaged, content.Rejected
		for _, q := range content.Events {
			s.Bytes += len(q.Bytes)
		}
		if s.Queued > 0 {
			s.Oldest = &content.Events[0].Event.Metadata.Timestamp
		}
		sender, err := emit.ReadSendState(deps.Home)
		if err != nil {
			return s, err
		}
		s.LastBatch, s.NotBefore, s.LastError = moment(sender.LastBatch), moment(sender.NotBefore), sender.LastError
		if s.ClientID, err = emit.ClientID(deps.Home); err != nil {
			return s, err
		}
	}
	excluded, err := emit.ReadExclusions(deps.Home)
	if err != nil {
		return s, err
	}
	s.Exclusions = append(s.Exclusions, excluded...)
	included, err := emit.ReadInclusions(deps.Home)
	if err != nil {
		return s, err
	}
	s.Inclusions = append(s.Inclusions, included...)
	withheld, err := emit.Withheld(deps.Home)
	if err != nil {
		return s, err
	}
	s.Withheld = append(s.Withheld, withheld...)
	s.Endpoint = endpoint
	return s, endpointErr
}

var meaning = map[emit.Mode]string{
	emit.ModeOff:   "off: nothing is recorded",
	emit.ModeLocal: "local: queued on this machine, never sent",
	emit.ModeOn:    "on: queued and sent",
}

func (s status) print(deps *Deps) error {
	lines := [][2]string{{"telemetry", meaning[s.Mode]}, {"because of", s.reason()}}
	queue := grammar.Plural(s.Queued, "event")
	if s.Queued > 0 {
		queue += fmt.Sprintf(", %.1f kB, the oldest of %s", float64(s.Bytes)/1000, day(*s.Oldest))
	}
	lines = append(lines, [2]string{"queue", queue})
	if s.Damaged+s.Rejected > 0 {
		lines = append(lines, [2]string{"set aside", fmt.Sprintf("%d damaged, %d refused by the server", s.Damaged, s.Rejected)})
	}
	if s.LastBatch != nil {
		lines = append(lines, [2]string{"last sent", *s.LastBatch})
	}
	if s.NotBefore != nil {
		lines = append(lines, [2]string{"waiting", "until " + *s.NotBefore + ": " + s.LastError})
	}
	client := "none: made with the first event"
	if s.ClientID != nil {
		client = *s.ClientID + map[bool]string{true: " (kept)", false: " (a new one each month)"}[s.KeepID]
	}
	lines = append(lines, [2]string{"client id", client})
	if len(s.Exclusions) > 0 {
		lines = append(lines, [2]string{"excluded", strings.Join(s.Exclusions, ", ")})
	}
	if len(s.Inclusions) > 0 {
		lines = append(lines, [2]string{"included", strings.Join(s.Inclusions, ", ")})
	}
	if len(s.Withheld) > 0 {
		lines = append(lines, [2]string{"not named", strings.Join(s.Withheld, ", ") + " (probe telemetry include)"})
	}
	lines = append(lines, [2]string{"folder", orDash(s.Folder)}, [2]string{"endpoint", s.Endpoint})
	for _, line := range lines {
		if _, err := fmt.Fprintf(deps.Stdout, "%-12s %s\n", line[0], printable.Line(line[1])); err != nil {
			return err
		}
	}
	if s.Warning != "" {
		_, err := fmt.Fprintln(deps.Stderr, "warning: "+s.Warning)
		return err
	}
	return nil
}

func (s status) reason() string {
	if s.Reason == emit.ReasonDefault {
		return "the default (you decide: probe telemetry on, local or off)"
	}
	return s.Reason
}

func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(time.RFC3339)
	return &text
}

func day(timestamp string) string { day, _, _ := strings.Cut(timestamp, "T"); return day }

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
