package isolate

import "io"

// Options say how the child is held. The zero value is what the command line does by default.
type Options struct {
	// MemoryLimit is how many bytes the child may hold that the system cannot take back from it: resident anonymous and
	// shared memory and what of it was swapped out (RssAnon, RssShmem and VmSwap of proc(5)), so the mapped weights of a
	// model do not count. 0 is DefaultMemoryLimit, NoMemoryLimit is no limit.
	MemoryLimit int64
	// Env is the environment of the child; nil is the caller's own. probe.Options.Getenv does not reach the child.
	Env []string
	// TempDir is where the child's folder for temporary files is made, which goes when the child ends; "" is the system's
	// own place.
	TempDir string
	// Output is given each line that the model's native libraries print, made printable and cut at 1,000 characters. It is
	// called from one goroutine at a time, and not after the task has ended. Nil drops the lines.
	Output func(line string)
}

// NoMemoryLimit as Options.MemoryLimit lets the child take what it wants.
const NoMemoryLimit int64 = -1

// DefaultMemoryLimit is 90 % of the memory in bytes that this machine and its control groups have left for a new process,
// swap included, so that the child ends before the system has to choose a process to end. 0 is no limit: the system does
// not report what it has left.
func DefaultMemoryLimit() int64 { return availableMemory() / 10 * 9 }

func (o Options) memoryLimit() int64 {
	switch {
	case o.MemoryLimit < 0:
		return 0
	case o.MemoryLimit == 0:
		return DefaultMemoryLimit()
	}
	return o.MemoryLimit
}

// Follow is what the caller does with what a task sends. Its functions are called from one goroutine at a time, and not
// after the task has ended, unless it was given up while one of them still ran; any of them may be nil.
type Follow struct {
	// Result takes one result as the task sent it. Its error ends the task: Rubbish if this is no result of that task, else
	// the caller's own, which the task then returns. The payload is the callee's to keep.
	Result func(payload []byte) error
	// Step is told what begins: "load", "run", ...
	Step func(name string)
	// Log takes details for `probe -v`.
	Log func(line string)
	// Note takes what the user should know of the results.
	Note func(line string)
	// Input is what the task reads from Stream.Input, passed on piece by piece as the task asks for it. A read that is under
	// way when the task ends is left behind.
	Input io.Reader
}
