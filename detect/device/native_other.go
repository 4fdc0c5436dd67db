//go:build !linux && !darwin && !windows

package device

// native has nothing to add.
func (s *System) native() {}
