package telemetry

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/grammar"
)

func onCommand(deps *Deps) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "on", Short: "Show what would be sent, ask, and from then on send it", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			endpoint, err := endpointOf(deps)
			if err != nil {
				return err
			}
			if err := showWhatIsSent(deps, endpoint); err != nil {
				return err
			}
			if ok, err := confirm(deps, yes, "Send events like this one?"); !ok {
				return err
			}
			given := consent(deps, emit.ModeOn)
			given.Endpoint = endpoint
			if err := emit.WriteConsent(deps.Home, given); err != nil {
				return err
			}
			if d := emit.Decide(deps.Home, endpoint, deps.Getenv); d.Mode != emit.ModeOn {
				_, err = fmt.Fprintf(deps.Stdout, "telemetry is on, but %s holds for now because of %s\n", d.Mode, d.Reason)
				return err
			}
			_, err = fmt.Fprintln(deps.Stdout, "telemetry is on: queued and sent, once a day (probe telemetry off ends it)")
			return err
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	keepIDFlag(cmd, deps)
	endpointFlag(cmd, deps)
	return cmd
}

// showWhatIsSent prints one event in full: the oldest that is queued, else an example of the same fields.
func showWhatIsSent(deps *Deps, endpoint string) error {
	content, err := emit.ReadQueue(deps.Home)
	if err != nil {
		return err
	}
	event, which := exampleEvent(deps), "an example; nothing is queued yet"
	if len(content.Events) > 0 {
		event, which = content.Events[0].Event, "the first of "+grammar.Plural(len(content.Events), "event")+" in the queue"
	}
	_, _ = fmt.Fprintf(deps.Stdout, "Each probe would send one event like this (%s)\nto %s:\n\n", which, endpoint)
	if err := printJSON(deps.Stdout, event); err != nil {
		return err
	}
	_, err = fmt.Fprintf(deps.Stdout, `
The server also sees your IP address, as every server does. Never sent: a path, a
text, a credential, the name of a local model, the time of day. local_path_hash can
be made on this machine alone.
- This holds for the endpoint above. For another one you are asked again.
- A model on the hub is named only if its publisher is known to publish for
  everybody, or you include it: probe telemetry include PUBLISHER. Of others an
  event says "local".
- timestamp and event_id hold the day only.
- %s
docs/privacy.md explains each field; probe telemetry exclude, off and purge take
it back.

`, clientIDText(deps.keepID))
	if err != nil {
		return err
	}
	return showWithheld(deps)
}

func clientIDText(keepID bool) string {
	if keepID {
		return "You keep one client id (hwid, client_id) until: probe telemetry reset-id."
	}
	return "Each month has a new client id (hwid, client_id); --keep-id keeps one."
}

// showWithheld names the publishers that nobody knows to be public: who turns sending on is asked about them.
func showWithheld(deps *Deps) error {
	withheld, err := emit.Withheld(deps.Home)
	if err != nil || len(withheld) == 0 {
		return err
	}
	_, err = fmt.Fprintf(deps.Stdout, "So far events said \"local\" of models by: %s\n(to name them: probe telemetry include PUBLISHER)\n\n",
		strings.Join(withheld, ", "))
	return err
}

// exampleEvent has every field that an event can have.
func exampleEvent(deps *Deps) emit.Event {
	dimension, length, parameters := 384, 256, int64(22_713_216)
	clientType := deps.ClientType
	if clientType == "" {
		clientType = emit.DefaultClientType
	}
	return emit.NewEvent(emit.Facts{
		Origin: emit.OriginHub, Model: "sentence-transformers/all-MiniLM-L6-v2",
		Version: "c9745ed1d9f207416be6d2e6f8de32d1f16199bf", LoadSuccess: true, InferenceSuccess: true,
		DeviceType: "cpu", EmbeddingDimension: &dimension, Modalities: []string{"text"}, DistanceMetric: "cosine",
		Normalization: "l2", Pooling: "mean", MaxSequenceLength: &length, Architecture: "bert", Parameters: &parameters,
		DType: "float32", Backend: "onnxruntime", ExecutionProvider: "CPUExecutionProvider",
	}, emit.Identity{
		ClientID: uuid.MustParse("00000000-0000-4000-8000-000000000000"), EventID: uuid.MustParse("00000000-0000-7000-8000-000000000000"),
		AppVersion: deps.Version, ClientType: clientType, Time: deps.Now(), Getenv: deps.Getenv,
	})
}

func previewCommand(deps *Deps) *cobra.Command {
	cmd := &cobra.Command{
		Use: "preview", Short: "Print the exact bytes that would be sent", Args: noArgs,
		Long: "Print the exact bytes that would be sent: on standard output the bodies, one event a POST, in their order;\n" +
			"on standard error where to, and the headers.",
		RunE: func(*cobra.Command, []string) error {
			endpoint, err := endpointOf(deps)
			if err != nil {
				return err
			}
			content, err := emit.ReadQueue(deps.Home)
			if err != nil {
				return err
			}
			excluded, err := emit.ReadExclusions(deps.Home)
			if err != nil {
				return err
			}
			included, err := emit.ReadInclusions(deps.Home)
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(deps.Stderr, "POST %s\n", endpoint)
			headers := emit.Headers(deps.Version)
			for _, name := range []string{"Content-Type", "Accept", "User-Agent"} {
				_, _ = fmt.Fprintf(deps.Stderr, "%s: %s\n", name, headers.Get(name))
			}
			out := bufio.NewWriter(deps.Stdout)
			for _, q := range content.Events {
				if !excluded.MatchEvent(q.Event) && included.MatchEvent(q.Event) {
					_, _ = out.Write(q.Bytes)
				}
			}
			return out.Flush()
		},
	}
	endpointFlag(cmd, deps)
	return cmd
}

func sendCommand(deps *Deps) *cobra.Command {
	var again bool
	cmd := &cobra.Command{
		Use: "send", Short: "Send what is queued now, if telemetry is on", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			endpoint, err := endpointOf(deps)
			if err != nil {
				return err
			}
			if again {
				if _, err := emit.Requeue(deps.Home); err != nil {
					return err
				}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			result, err := emit.Sender{
				Dir: deps.Home, Getenv: deps.Getenv, Now: deps.Now, AppVersion: deps.Version, Endpoint: endpoint,
			}.Send(ctx)
			if errors.Is(err, emit.ErrNotOn) {
				return exitcode.Errorf(exitcode.Usage, "nothing was sent: %w: `probe telemetry on` shows what would be, and asks", err)
			}
			if err != nil {
				return err
			}
			return reportSent(deps, result)
		},
	}
	endpointFlag(cmd, deps)
	cmd.Flags().BoolVar(&again, "refused", false, "also send again what the server has refused before")
	return cmd
}

func reportSent(deps *Deps, r emit.SendResult) error {
	line := "sent " + grammar.Plural(r.Sent, "event")
	for _, part := range []struct {
		n    int
		text string
	}{{r.Refused, "refused by the server and set aside"}, {r.Damaged, "damaged and set aside"}, {r.Excluded, "excluded and deleted"}} {
		if part.n > 0 {
			line += fmt.Sprintf(", %d %s", part.n, part.text)
		}
	}
	if _, err := fmt.Fprintln(deps.Stdout, line); err != nil {
		return err
	}
	if r.Stopped != "" {
		return exitcode.Errorf(exitcode.Fault, "%s still queued: %s", grammar.Plural(r.Left, "event"), r.Stopped)
	}
	return nil
}

// endpointOf is the URL that events go to; an unusable one is wrong usage.
func endpointOf(deps *Deps) (string, error) {
	endpoint, err := emit.Endpoint(deps.Endpoint, deps.Getenv)
	if err != nil {
		return "", &exitcode.Error{Code: exitcode.Usage, Err: err}
	}
	return endpoint, nil
}

// viewSent prints the log of what was sent, the newest last.
func viewSent(deps *Deps, asJSON bool) error {
	log, err := emit.ReadSentLog(deps.Home)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(deps.Stdout, slices.Concat([]emit.Sent{}, log))
	}
	if len(log) == 0 {
		_, err = fmt.Fprintln(deps.Stdout, "nothing was sent yet")
		return err
	}
	out := bufio.NewWriter(deps.Stdout)
	for _, line := range log {
		_, _ = fmt.Fprintf(out, "%s  %d  %s  %s\n", line.SentAt.Format("2006-01-02 15:04"), line.Status, line.EventID, line.Endpoint)
	}
	return out.Flush()
}
