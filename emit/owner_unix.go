//go:build unix

package emit

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

const nonBlocking = syscall.O_NONBLOCK

// checkOwner refuses what another user owns or may write to: such a file may hold somebody else's decision.
func checkOwner(info fs.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("expected you (user %d) or root as the owner, found user %d", os.Geteuid(), stat.Uid)
	}
	if perm := info.Mode().Perm(); perm&0o022 != 0 {
		return fmt.Errorf("expected that you alone may write to it, found permissions %04o (chmod go-w)", perm)
	}
	return nil
}
