package isolate

// Options say how the child is held.
type Options struct {
	// MemoryLimit is how many bytes the child may hold that the system cannot take back from it: resident anonymous and
	// shared memory and what of it was swapped out (RssAnon, RssShmem and VmSwap of proc(5)), so the mapped weights of a
	// model do not count. 0 is DefaultMemoryLimit, a negative number no limit.
	MemoryLimit int64
	// Env is the environment of the child; nil is the caller's own. probe.Options.Getenv does not reach the child.
	Env []string
	// Output is told each line that the model's native libraries print, made printable and cut at 1,000 characters. It is
	// called from one goroutine at a time, and not after Measure has returned. Nil drops the lines.
	Output func(line string)
}

// DefaultMemoryLimit is 90 % of the memory in bytes that this machine and its control groups have left for a new process,
// swap included, so that the child ends before the system has to choose whom to end. 0 is no limit: where the system does
// not tell what it has left.
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
