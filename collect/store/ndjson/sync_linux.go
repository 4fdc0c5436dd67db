package ndjson

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncData makes what was written durable, and the file's size with it, but not its times.
func syncData(f *os.File) error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); err != unix.EINTR {
			return err
		}
	}
}
