//go:build unix

package testenv

import (
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
	"testing"
)

// runAs makes a command run as a user; nil is the present one.
func runAs(cmd *exec.Cmd, u *user.User) {
	if u == nil {
		return
	}
	uid, gid := ids(u)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// give makes a user the owner of a folder.
func give(t testing.TB, folder string, u *user.User) {
	t.Helper()
	uid, gid := ids(u)
	if err := os.Chown(folder, uid, gid); err != nil {
		t.Fatal(err)
	}
}

func ids(u *user.User) (uid, gid int) {
	uid, _ = strconv.Atoi(u.Uid)
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid
}
