package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/collect/publish"
	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/collect/store"
	"github.com/divinedevops/probe/internal/exitcode"
)

func githubCommand(e environment) *cobra.Command {
	var location, api, branch string
	var batch int
	cmd := &cobra.Command{
		Use: "github", Short: "Append what was collected to a file in a GitHub repository", Args: usageArgs(cobra.NoArgs),
		Long: `Append the events that the file does not hold yet, as lines of JSON without senders' addresses, in commits of at most
--batch events. Run it as often as you like: nothing is published twice.

Environment: GITHUB_TOKEN (with write access to the repository's contents), REPO_OWNER, REPO_NAME, FILE_PATH.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			g := publish.GitHub{API: api, Branch: branch}
			for _, v := range []struct {
				name string
				to   *string
			}{{"GITHUB_TOKEN", &g.Token}, {"REPO_OWNER", &g.Owner}, {"REPO_NAME", &g.Repo}, {"FILE_PATH", &g.Path}} {
				if *v.to = e.getenv(v.name); *v.to == "" {
					return exitcode.Errorf(exitcode.Usage, "expected %s in the environment", v.name)
				}
			}
			if batch < 1 {
				return exitcode.Errorf(exitcode.Usage, "--batch: expected at least 1, found %d", batch)
			}
			return publishGitHub(cmd, e, g, location, batch)
		},
	}
	f := cmd.Flags()
	f.StringVar(&location, "store", "collected", storeHelp)
	f.StringVar(&api, "api", "", "base URL of the API, for GitHub Enterprise")
	f.StringVar(&branch, "branch", "", "branch; the repository's default where empty")
	f.IntVar(&batch, "batch", 5000, "events in one commit")
	return cmd
}

func publishGitHub(cmd *cobra.Command, e environment, g publish.GitHub, location string, batch int) error {
	source, err := opened(stores.OpenSource(cmd.Context(), location, store.Options{}))
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	for {
		var skipped skippedLines
		records := func(yield func(record.Record, error) bool) {
			skipped = skippedLines{} // an attempt that is repeated reads everything again
			store.Records(cmd.Context(), source, skipped.add)(yield)
		}
		appended, left, err := g.Publish(cmd.Context(), records, batch)
		if err != nil {
			return err
		}
		if left == 0 {
			if err := skipped.print(e.stderr); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(e.stdout, "%d events appended to %s/%s/%s, %d to come\n", appended, g.Owner, g.Repo, g.Path, left); err != nil {
			return err
		}
		if left == 0 {
			return nil
		}
	}
}
