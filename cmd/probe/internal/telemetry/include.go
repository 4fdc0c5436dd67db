package telemetry

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/internal/printable"
)

func includeCommand(deps *Deps) *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use: "include [NAME...]", Short: "Name publishers and models on the hub that events may name",
		Long: `Name publishers and models on the hub that events may name; without one, show those named so far, and those of which
events said "local" because nobody knows whether they are public.

  org          everything a publisher has published
  org/name     one model

Events that are queued already stay as they are; with --remove, those that name such a model are not sent.`,
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := emit.ReadInclusions(deps.Home)
			if err != nil {
				return err
			}
			switch {
			case len(args) == 0:
				return showIncluded(deps, list)
			case remove:
				return includeNoMore(deps, list, args)
			}
			if list, err = list.Add(args...); err != nil {
				return &exitcode.Error{Code: exitcode.Usage, Err: err}
			}
			if err := emit.WriteInclusions(deps.Home, list); err != nil {
				return err
			}
			_, err = fmt.Fprintf(deps.Stdout, "events may name %s from now on\n", strings.Join(args, ", "))
			return err
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "take the names off the list again")
	return cmd
}

func showIncluded(deps *Deps, list emit.Inclusions) error {
	withheld, err := emit.Withheld(deps.Home)
	if err != nil {
		return err
	}
	for _, name := range list {
		_, _ = fmt.Fprintln(deps.Stdout, printable.Line(name))
	}
	if len(withheld) > 0 {
		_, err = fmt.Fprintf(deps.Stderr, "events say \"local\" of models by: %s\n", strings.Join(withheld, ", "))
	}
	return err
}

func includeNoMore(deps *Deps, list emit.Inclusions, names []string) error {
	for _, name := range names {
		i := slices.IndexFunc(list, func(one string) bool { return strings.EqualFold(one, name) })
		if i < 0 {
			return exitcode.Errorf(exitcode.Usage, "include --remove: %q is not on the list", name)
		}
		list = slices.Delete(list, i, i+1)
	}
	if err := emit.WriteInclusions(deps.Home, list); err != nil {
		return err
	}
	_, err := fmt.Fprintf(deps.Stdout, "no longer included: %s\n", strings.Join(names, ", "))
	return err
}
