//go:build race

package probe_test

// raced says that the race detector watches, under which pure Go's matrix products take twenty times as long. The zoo runs
// on pure Go in the tests without cgo; what GoMLX shares between goroutines is watched in models/gomlx.
const raced = true
