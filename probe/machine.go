package probe

import (
	"context"

	"github.com/divinedevops/probe/machine"
)

// describeMachine fills what is known of the machine before anything runs. No vendor's tool is asked: a probe has no time
// for that, and what it ran on is told by the run itself.
func describeMachine(threads int) Environment {
	m := machine.Detect(context.Background(), machine.Local())
	if threads == 0 {
		threads = defaultThreads(m.CPU)
	}
	return Environment{
		ProbeVersion: Version, OS: m.OS, Arch: m.Arch, Threads: threads,
		CPU: m.CPU.Brand, CPUFeatures: append([]string{}, m.CPU.Features...), LogicalCores: m.CPU.Cores,
	}
}

// defaultThreads is one thread a physical core, and no more than the process may use: two threads on one core share its
// vector units and only wait for each other in matrix products.
func defaultThreads(c machine.CPU) int {
	n := c.Usable()
	if c.PhysicalCores > 0 {
		n = min(n, c.PhysicalCores)
	}
	return max(1, n)
}
