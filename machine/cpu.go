package machine

import (
	"strings"

	"github.com/klauspost/cpuid/v2"
)

// inference are the instruction sets that ONNX Runtime and GoMLX have kernels for, or that such kernels rest on.
var inference = []cpuid.FeatureID{
	cpuid.SSE42, cpuid.AVX, cpuid.AVX2, cpuid.FMA3, cpuid.F16C, cpuid.AVXVNNI, cpuid.AVXVNNIINT8, cpuid.AVX512F,
	cpuid.AVX512BW, cpuid.AVX512VL, cpuid.AVX512VNNI, cpuid.AVX512BF16, cpuid.AVX512FP16, cpuid.AMXTILE, cpuid.AMXINT8,
	cpuid.AMXBF16, cpuid.AMXFP16, cpuid.ASIMD, cpuid.ASIMDDP, cpuid.ASIMDHP, cpuid.SVE,
}

// cpu is the processor that runs this. Its instruction sets are asked of itself, so they are the real ones in any test.
func (s System) cpu() CPU {
	c := CPU{Brand: strings.TrimSpace(cpuid.CPU.BrandName), Cores: s.Cores, PhysicalCores: s.Cores, Quota: s.cpuQuota()}
	if per := cpuid.CPU.ThreadsPerCore; per > 1 {
		c.PhysicalCores = max(1, s.Cores/per)
	}
	for _, f := range inference {
		if cpuid.CPU.Has(f) {
			c.Features = append(c.Features, strings.ToLower(f.String()))
		}
	}
	return c
}
