package testenv

import (
	"os/exec"
	"os/user"
	"testing"
)

func runAs(*exec.Cmd, *user.User) {}

func give(testing.TB, string, *user.User) {}
