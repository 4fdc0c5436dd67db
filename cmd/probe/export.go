package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/internal/exitcode"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/source"
)

func exportCommand(env *environment) *cobra.Command {
	var output string
	var o models.ExportOptions
	cmd := &cobra.Command{
		Use:   "export REF --output FILE.onnx",
		Short: "Write the graph built from safetensors weights as an ordinary .onnx file",
		Long: "Write the graph that probe builds from config.json and model.safetensors as an ordinary .onnx file. It gives\n" +
			"token states; pooling and what follows it stay with modules.json.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return exitcode.Errorf(exitcode.Usage, "expected one REF, found %d arguments", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if !strings.HasSuffix(output, ".onnx") {
				return exitcode.Errorf(exitcode.Usage, "expected --output FILE.onnx, found %q", output)
			}
			src, err := source.Resolve(args[0], source.Options{Env: env.getenv, Prefer: source.PreferWeights})
			if err != nil {
				return modelError(err)
			}
			if err := models.Export(src, output, o); err != nil {
				return modelError(err)
			}
			_, err = fmt.Fprintln(env.stdout, output)
			return err
		},
	}
	cmd.Flags().StringVar(&output, "output", "", "the `FILE` to write, which ends in .onnx")
	cmd.Flags().BoolVar(&o.External, "external", false, "put the weights into FILE_data beside the graph (needed beyond 2 GiB)")
	cmd.Flags().BoolVar(&o.Images, "images", false, "export the image tower of a model that has two")
	return cmd
}
