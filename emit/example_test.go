package emit_test

import (
	"fmt"
	"log"
	"os"

	"github.com/divinedevops/probe/emit"
)

// The zero Recorder works in the user's own folder and heeds his decision and his environment; here it gets a folder of its
// own.
func ExampleRecorder_Record() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)

	recorder := emit.Recorder{Dir: emit.NewDir(folder), Getenv: func(string) string { return "" }}
	entry := recorder.Record(emit.Facts{Origin: emit.OriginHub, Model: "BAAI/bge-m3", LoadSuccess: true})
	fmt.Println(entry.State, entry.Event.Metadata.ModelName, entry.Event.Metadata.ModelSource)

	queue, err := emit.ReadQueue(recorder.Dir)
	fmt.Println(len(queue.Events), err)
	// Output:
	// queued BAAI/bge-m3 huggingface
	// 1 <nil>
}
