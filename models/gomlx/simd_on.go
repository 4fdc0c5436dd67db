//go:build goexperiment.simd

package gomlx

// SIMD reports whether this build has GoMLX's vector kernels: Go ran with GOEXPERIMENT=simd. Without them it is 4 to 5
// times slower.
func SIMD() bool { return true }
