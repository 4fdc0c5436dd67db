package probe_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/probe"
)

func ExampleMeasure() {
	report := probe.Measure(context.Background(), probe.Options{
		Ref:     "../testdata/zoo/bert-mean-l2",
		Backend: "go", // auto, the default, takes ONNX Runtime if it is there
		Quick:   true,
	})
	if err := report.Err(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("dimension", *report.Dimension)
	fmt.Println("pooling", *report.Measured.Pooling, "declared", *report.Declared.Pooling)
	fmt.Println("normalization", *report.Normalization)
	// Output:
	// dimension 32
	// pooling mean declared mean
	// normalization l2
}

func ExampleReport_Err() {
	report := probe.Measure(context.Background(), probe.Options{Ref: "../testdata/broken/safetensors-truncated", Backend: "go"})
	var f *failure.Error
	if errors.As(report.Err(), &f) {
		fmt.Println(f.Stage, f.Kind)
	}
	// Output: load truncated
}

func ExampleOpen() {
	ctx := context.Background()
	model, err := probe.Open(ctx, probe.Options{Ref: "../testdata/zoo/bert-mean-l2", Backend: "go"})
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	embeddings, err := model.Embed(ctx, "one text", "another")
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range embeddings {
		fmt.Println(len(e.Vector), "numbers from", e.Tokens, "tokens, truncated:", e.Truncated)
	}
	// Output:
	// 32 numbers from 6 tokens, truncated: false
	// 32 numbers from 5 tokens, truncated: false
}

func ExampleOpened_EmbedAll() {
	ctx := context.Background()
	model, err := probe.Open(ctx, probe.Options{Ref: "../testdata/zoo/bert-prompt", Backend: "go"})
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	prompt, err := model.Prompt("query")
	if err != nil {
		log.Fatal(err)
	}
	for e, err := range model.EmbedAll(ctx, prompt, probe.All("one text", "another")) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(e.Vector))
	}
	// Output:
	// 32
	// 32
}

func ExampleOpened_Tokenize() {
	model, err := probe.Open(context.Background(), probe.Options{Ref: "../testdata/zoo/bert-mean-l2", Backend: "go"})
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	tokens, err := model.Tokenize("a")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(tokens[0].IDs)
	// Output: [2 95 3]
}
