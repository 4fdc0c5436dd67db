// Command collector is the self-hosted endpoint for what probe and vector-inspector send, and what its data is for.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/divinedevops/probe/internal/exitcode"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := environment{stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, now: time.Now, version: version()}
	cmd := rootCommand(e)
	cmd.SetArgs(os.Args[1:])
	err := cmd.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "collector:", err)
	}
	os.Exit(exitcode.Of(err))
}

// buildVersion is set by the linker (-X main.buildVersion=1.2.3).
var buildVersion string

func version() string {
	if buildVersion != "" {
		return buildVersion
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}
