// Package wholefile writes files that a reader sees whole or not at all: first under a temporary name in the same folder,
// then renamed. WriteIn and CreateIn work inside an os.Root and are on the disk once they return; Write and Create take a
// path that a user named.
package wholefile

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path"
	"runtime"
)

// TempPrefix begins the names that WriteIn and CreateIn write under; readers of a folder skip them.
const TempPrefix = ".tmp-"

// WriteIn writes the file name below root: whole or not at all, and on the disk once it returns.
func WriteIn(root *os.Root, name string, data []byte) error {
	temp := tempName(name)
	if err := writeSynced(root, temp, data); err != nil {
		return err
	}
	if err := root.Rename(temp, name); err != nil {
		_ = root.Remove(temp)
		return err
	}
	return SyncDir(root, path.Dir(name))
}

// CreateIn is WriteIn for a file that must not be replaced: if another process has made it already, it fails with
// fs.ErrExist.
func CreateIn(root *os.Root, name string, data []byte) error {
	temp := tempName(name)
	if err := writeSynced(root, temp, data); err != nil {
		return err
	}
	defer func() { _ = root.Remove(temp) }()
	err := root.Link(temp, name)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		// A file system without hard links: the exclusive rename is done in two steps.
		if _, statErr := root.Lstat(name); statErr == nil {
			return fs.ErrExist
		}
		err = root.Rename(temp, name)
	}
	if err != nil {
		return err
	}
	return SyncDir(root, path.Dir(name))
}

func writeSynced(root *os.Root, name string, data []byte) (err error) {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			_ = root.Remove(name)
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

// SyncDir makes renames and removals in a folder durable. Windows has no such call and needs none.
func SyncDir(root *os.Root, dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := root.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}

func tempName(name string) string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the process instead
	return path.Join(path.Dir(name), TempPrefix+path.Base(name)+"."+hex.EncodeToString(random[:]))
}
