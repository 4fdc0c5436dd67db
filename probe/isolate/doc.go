// Package isolate runs a probe in a child process of the same program, so that a crash in native code, a hang or memory
// without end stops the child and becomes a report, never the end of the caller.
//
// A program that uses it calls Main first thing in its main function:
//
//	func main() {
//		isolate.Main()
//		...
//		report := isolate.Measure(ctx, probe.Options{Ref: "some/model"}, isolate.Options{})
//	}
//
// The child is told apart by an environment variable, gets what to measure on its standard input and streams what it
// learns over a pipe of its own; what the model's native libraries print reaches neither of the caller's streams.
// docs/isolation.md has the design, its limits and what it costs.
package isolate
