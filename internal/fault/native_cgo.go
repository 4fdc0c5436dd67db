//go:build cgo && unix

package fault

/*
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

static void probe_fault_write(void) { *(volatile int *)0x10 = 1; }
static void probe_fault_default(void) { signal(SIGSEGV, SIG_DFL); probe_fault_write(); }
static void probe_fault_abort(void) { abort(); }
static void probe_fault_bad_alloc(void) {
	fprintf(stderr, "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n");
	abort();
}
static void *volatile probe_fault_kept; // so that the compiler keeps it, too
static void probe_fault_take(size_t n) { probe_fault_kept = memset(malloc(n), 1, n); }
static void probe_fault_spin(void) { for (volatile int i = 0;; i++) {} }
*/
import "C"

// Native is whether the faults happen in native code.
const Native = true

func badAddress()      { C.probe_fault_write() }
func defaultSegfault() { C.probe_fault_default() }
func abort()           { C.probe_fault_abort() }
func badAlloc()        { C.probe_fault_bad_alloc() }
func spin()            { C.probe_fault_spin() }

func take(n int) { C.probe_fault_take(C.size_t(n)) }
