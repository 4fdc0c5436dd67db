// Package foreign runs probe as it is on other systems: Windows on x86-64 under Wine, Linux on arm64 under QEMU. It holds
// tests alone.
package foreign
