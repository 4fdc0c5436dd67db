package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/source"
	"github.com/divinedevops/probe/probe/isolate"
)

// exportRequest is what the task "export" is asked for.
type exportRequest struct {
	Ref     string               `json:"ref"`
	Options models.ExportOptions `json:"options"`

	getenv func(string) string // nil in a child, which has the environment itself
}

// What a piece of an exported model belongs to: its first byte.
const (
	pieceOfGraph = 'g'
	pieceOfData  = 'd'
)

// exportTask sends the files in pieces: the caller writes them, and removes them if the task does not end well.
var exportTask = isolate.Register("export", func(_ context.Context, q exportRequest, s *isolate.Stream) error {
	getenv := q.getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	s.Step("resolve")
	src, err := source.Resolve(q.Ref, source.Options{Env: getenv, Prefer: source.PreferWeights})
	if err != nil {
		return err
	}
	s.Step("load")
	return models.ExportTo(src, pieces{s, pieceOfGraph}, pieces{s, pieceOfData}, q.Options)
})

// pieces sends what is written as results.
type pieces struct {
	to   *isolate.Stream
	kind byte
}

const maxPiece = 1 << 20

func (p pieces) Write(b []byte) (int, error) {
	for n := 0; n < len(b); n += maxPiece {
		piece := append([]byte{p.kind}, b[n:min(n+maxPiece, len(b))]...)
		if err := p.to.Send(piece); err != nil {
			return n, err
		}
	}
	return len(b), nil
}

func exportCommand(env *environment) *cobra.Command {
	var name string
	var hold isolation
	q := exportRequest{getenv: env.getenv}
	cmd := &cobra.Command{
		Use:   "export REF --output FILE.onnx",
		Short: "Write the graph built from safetensors weights as an ordinary .onnx file",
		Long: "Write the graph that probe builds from config.json and model.safetensors as an ordinary .onnx file. It returns\n" +
			"token states; pooling and what follows it stay with modules.json.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return exitcode.Errorf(exitcode.Usage, "expected one REF, found %d arguments", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !strings.HasSuffix(name, ".onnx") {
				return exitcode.Errorf(exitcode.Usage, "expected --output FILE.onnx, found %q", name)
			}
			if err := hold.check(); err != nil {
				return err
			}
			q.Ref = args[0]
			if err := exportTo(cmd.Context(), env, &hold, q, name); err != nil {
				return err
			}
			_, err := fmt.Fprintln(env.stdout, name)
			return err
		},
	}
	cmd.Flags().StringVar(&name, "output", "", "the `FILE` to write, which ends in .onnx")
	cmd.Flags().BoolVar(&q.Options.External, "external", false, "put the weights into FILE_data next to the graph (needed beyond 2 GiB)")
	cmd.Flags().BoolVar(&q.Options.Images, "images", false, "export the image tower of a model that has two")
	hold.register(cmd.Flags())
	return cmd
}

func exportTo(ctx context.Context, env *environment, hold *isolation, q exportRequest, name string) error {
	files := map[byte]*output{}
	open := func(kind byte, name string) error {
		out, err := env.openOutput(name)
		if err == nil {
			files[kind] = out
		}
		return err
	}
	defer func() {
		for _, out := range files {
			out.discard()
		}
	}()
	if err := open(pieceOfGraph, name); err != nil {
		return err
	}
	if q.Options.External {
		q.Options.DataName = filepath.Base(name) + "_data"
		if err := open(pieceOfData, name+"_data"); err != nil {
			return err
		}
	}
	err := runTask(ctx, env, hold, exportTask, q, isolate.Follow{Result: func(piece []byte) error {
		if len(piece) == 0 || files[piece[0]] == nil {
			return isolate.Rubbish("expected a piece of an exported model")
		}
		_, err := files[piece[0]].Write(piece[1:])
		return err
	}})
	if err != nil {
		return modelError(err)
	}
	// The graph last: whoever sees it finds its weights.
	if data := files[pieceOfData]; data != nil {
		if err := data.keep(); err != nil {
			return err
		}
	}
	return files[pieceOfGraph].keep()
}
