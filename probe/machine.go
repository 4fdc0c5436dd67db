package probe

import (
	"runtime"

	"github.com/klauspost/cpuid/v2"
)

// describeMachine fills what is known of the machine before anything runs.
func describeMachine(threads int) Environment {
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return Environment{
		ProbeVersion: Version, OS: runtime.GOOS, Arch: runtime.GOARCH, Threads: threads,
		CPU: cpuid.CPU.BrandName, CPUFeatures: cpuid.CPU.FeatureSet(), LogicalCores: runtime.NumCPU(),
	}
}
