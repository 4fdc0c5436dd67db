package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/collect/registry"
	"github.com/divinedevops/probe/collect/store"
	"github.com/divinedevops/probe/internal/exitcode"
)

type registryOptions struct {
	store, existing, output, diff string
	minClients                    int
	accept                        []string
}

func registryCommand(e environment) *cobra.Command {
	var o registryOptions
	cmd := &cobra.Command{
		Use: "registry", Short: "Make vector-inspector's registry of known models, and a diff against one", Args: usageArgs(cobra.NoArgs),
		Long: `Turn what was collected into vector-inspector's known_embedding_models.json. Each client has one vote a model, its
latest. With --existing, new models are added and everything else stays: entries that clients measured otherwise are
told, and corrected only where --accept names them. The registry goes to standard output or --output; what changed goes to standard error, or as JSON to --diff.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return makeRegistry(cmd, e, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.store, "store", "collected", storeHelp)
	f.StringVar(&o.existing, "existing", "", "a known_embedding_models.json to begin with")
	f.StringVar(&o.output, "output", "", "file to write the registry to")
	f.StringVar(&o.diff, "diff", "", "file to write the diff to, as JSON")
	f.StringSliceVar(&o.accept, "accept", nil, "existing entries to correct, by name, or all")
	f.IntVar(&o.minClients, "min-clients", 2, "clients that must have measured a value")
	return cmd
}

func makeRegistry(cmd *cobra.Command, e environment, o registryOptions) error {
	var existing registry.Registry
	if o.existing != "" {
		data, err := os.ReadFile(o.existing)
		if err != nil {
			return err
		}
		if existing, err = registry.Read(data); err != nil {
			return err
		}
	}
	source, err := opened(stores.OpenSource(cmd.Context(), o.store, store.Options{}))
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	var skipped skippedLines
	survey, err := registry.TakeSurvey(store.Records(cmd.Context(), source, skipped.add))
	if err != nil {
		return err
	}
	if err := skipped.print(e.stderr); err != nil {
		return err
	}
	result, diff := registry.Build(survey, existing, registry.Rules{MinClients: o.minClients, Accept: o.accept}, e.now())
	for _, name := range o.accept {
		if name != registry.AcceptAll && !slices.ContainsFunc(diff.Wrong, func(w registry.WrongEntry) bool { return w.Name == name }) {
			return exitcode.Errorf(exitcode.Usage, "--accept: expected the name of an entry that was measured otherwise, found %q", name)
		}
	}
	if o.diff != "" {
		err = writeJSON(nil, o.diff, diff)
	} else {
		err = diff.Print(e.stderr)
	}
	if err != nil {
		return err
	}
	if slices.ContainsFunc(diff.Wrong, func(w registry.WrongEntry) bool { return !w.Accepted }) {
		if _, err := fmt.Fprintln(e.stderr, "kept entries are corrected by --accept NAME, or --accept all"); err != nil {
			return err
		}
	}
	return writeJSON(e.stdout, o.output, result)
}

// writeJSON writes to a file, or to w where no file is named.
func writeJSON(w io.Writer, path string, v any) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "    ") // as vector-inspector has it
	if err := enc.Encode(v); err != nil {
		return err
	}
	if path == "" {
		_, err := w.Write(out.Bytes())
		return err
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	return nil
}
