//go:build !race

package probe_test

// raced says that the race detector watches.
const raced = false
