// Package isolate runs a task in a child process of the same program, so that a crash in native code, a hang or unbounded
// memory ends the child and becomes an error, never the end of the caller.
//
// A program that uses it calls Main first thing in its main function:
//
//	func main() {
//		isolate.Main()
//		...
//		report := isolate.Measure(ctx, probe.Options{Ref: "some/model"}, isolate.Options{})
//	}
//
// Measure is one task. A program adds its own with Register, in a package variable:
//
//	var embed = isolate.Register("embed", func(ctx context.Context, q request, s *isolate.Stream) error { ... })
//
// The child is recognized by an environment variable. It reads its request, and then input, from its standard input, and
// sends results over a pipe of its own; what the model's native libraries print reaches neither of the caller's streams.
// docs/isolation.md has the design, its limits and what it costs.
package isolate
