package probe

import (
	"context"

	"github.com/divinedevops/probe/machine"
)

// describeMachine fills in what is known of the machine before anything runs. It starts no vendor's tool: a probe has no
// time for that, and the run itself shows what it ran on.
func describeMachine(threads int) Environment {
	m := machine.Detect(context.Background(), machine.Local())
	if threads == 0 {
		threads = m.CPU.Threads()
	}
	return Environment{
		ProbeVersion: Version, OS: m.OS, Arch: m.Arch, Threads: threads,
		CPU: m.CPU.Brand, CPUFeatures: append([]string{}, m.CPU.Features...), LogicalCores: m.CPU.Cores,
	}
}
