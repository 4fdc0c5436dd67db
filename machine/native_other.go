//go:build !linux && !darwin && !windows

package machine

// native has nothing to add.
func (s *System) native() {}
