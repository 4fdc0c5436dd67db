// Package machine tells what machine this is: the processor and what of it may be used, memory, GPUs, operating system.
//
// It reads files and registers; a GPU vendor's tool runs only where its driver is loaded and System.Run is set.
package machine

import "context"

// Machine is what a measurement was made on.
type Machine struct {
	// OS and Arch are GOOS and GOARCH; OSVersion is a name for people: "Debian GNU/Linux 12 (bookworm)".
	OS, Arch, OSVersion string
	CPU                 CPU
	Memory              Memory
	// GPUs are grouped by driver, in the driver's order.
	GPUs []GPU
}

// CPU is the processor.
type CPU struct {
	// Brand is the processor's own name, "AMD EPYC 9B14"; "" if it has none (most ARM).
	Brand string
	// Cores are the logical cores that the process may be scheduled on, PhysicalCores the cores they lie on.
	Cores, PhysicalCores int
	// Quota is the processor time that the container may use, in cores; 0 is no limit.
	Quota float64
	// Features are the instruction sets that matter for inference, in lower case: avx2, fma3, avx512vnni, amxint8, asimd.
	Features []string
}

// Usable is how many logical cores can really run at once: those that the process may be scheduled on, and no more than
// the container's quota, rounded up.
func (c CPU) Usable() int {
	if c.Quota <= 0 {
		return c.Cores
	}
	whole := int(c.Quota)
	if float64(whole) < c.Quota {
		whole++
	}
	return max(1, min(c.Cores, whole))
}

// Threads is how many threads one operator should use: one a physical core, and no more than can really run at once. Two
// threads on one core share its vector units and only wait for each other in matrix products.
func (c CPU) Threads() int {
	n := c.Usable()
	if c.PhysicalCores > 0 {
		n = min(n, c.PhysicalCores)
	}
	return max(1, n)
}

// Threads is CPU.Threads of this machine.
func (s System) Threads() int { return s.cpu().Threads() }

// Memory is in bytes. 0 is not known.
type Memory struct {
	Total, Available uint64
	// Limit is what the container may use; 0 is no limit. Available is within it.
	Limit uint64
}

// GPU is one graphics processor.
type GPU struct {
	// Vendor is the maker: nvidia, amd, intel, apple.
	Vendor string
	// Name is the product's.
	Name string
	// Index is the driver's number of the GPU, which execution providers use too.
	Index int
	// Driver is the driver's name or version: "550.54.15", "amdgpu".
	Driver string
	// Memory is in bytes, MemoryFree what was free of it; 0 is not known.
	Memory, MemoryFree uint64
	// Compute is what the GPU can compute, as its vendor counts it ("9.0"); "" if not known.
	Compute string
}

// Detect looks at the machine. What cannot be read is left empty: a machine that hides something can be measured on.
func Detect(ctx context.Context, s System) Machine {
	m := Machine{OS: s.OS, Arch: s.Arch, CPU: s.cpu(), Memory: s.memory()}
	m.OSVersion = s.osVersion()
	m.GPUs = s.gpus(ctx)
	return m
}
