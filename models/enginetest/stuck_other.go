//go:build !unix

package enginetest

import "testing"

// systemTests need what not every system has.
var systemTests map[string]func(*testing.T, Engine)
