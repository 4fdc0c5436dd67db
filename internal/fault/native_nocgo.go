//go:build !cgo && unix

package fault

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// Native is whether the faults happen in native code.
const Native = false

// kept keeps what was taken.
var kept [][]byte

// badAddress reads where nothing is mapped, which Go's runtime does not let a program recover from.
func badAddress() {
	address := uintptr(0xdead0000)
	fmt.Fprintln(os.Stderr, *(*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&address))))
}

func defaultSegfault() { _ = syscall.Kill(os.Getpid(), syscall.SIGSEGV) }
func abort()           { _ = syscall.Kill(os.Getpid(), syscall.SIGABRT) }

func badAlloc() {
	fmt.Fprintln(os.Stderr, "terminate called after throwing an instance of 'std::bad_alloc'")
	abort()
}

func spin() {
	for {
	}
}

func take(n int) {
	b := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	kept = append(kept, b)
}
