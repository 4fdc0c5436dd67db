package event_test

import (
	"fmt"
	"log"
	"os"

	"github.com/divinedevops/probe/emit"
	"github.com/divinedevops/probe/event"
	"github.com/divinedevops/probe/probe"
)

// A program that measures models itself queues an event for each as the command line does. Nothing is sent unless the user
// has turned that on.
func ExampleRecord() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)

	dimension, yes := 768, true
	report := &probe.Report{ // what probe.Measure returns
		Name: "BAAI/bge-base-en-v1.5", Source: "huggingface",
		Measured: probe.Properties{LoadSuccess: &yes, InferenceSuccess: &yes, EmbeddingDimension: &dimension},
	}
	options := event.Options{
		Dir:        emit.NewDir(folder),               // leave it out for the user's own folder
		Getenv:     func(string) string { return "" }, // leave it out for the process's environment
		ClientType: "my-program",
	}
	entry := event.Record(report, "BAAI/bge-base-en-v1.5", options)
	event.Send(entry, options)
	fmt.Println(entry.State, entry.Decision.Mode, entry.Event.Metadata.ModelName, *entry.Event.Metadata.EmbeddingDimension)
	// Output: queued local BAAI/bge-base-en-v1.5 768
}
