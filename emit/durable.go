package emit

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path"
	"runtime"
)

// tempPrefix begins the names of files that are being written; a reader never looks at them.
const tempPrefix = ".tmp-"

// writeDurably puts data into the file name below root: whole or not at all, and on the disk once it returns.
func writeDurably(root *os.Root, name string, data []byte) error {
	temp := tempName(name)
	if err := writeSynced(root, temp, data); err != nil {
		return err
	}
	if err := root.Rename(temp, name); err != nil {
		_ = root.Remove(temp)
		return err
	}
	return syncDir(root, path.Dir(name))
}

// createDurably is writeDurably for a file that must not be replaced: where another process has made it already, it
// fails with fs.ErrExist.
func createDurably(root *os.Root, name string, data []byte) error {
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
	return syncDir(root, path.Dir(name))
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

// syncDir makes renames and removals in a folder durable. Windows has no such call, and needs none.
func syncDir(root *os.Root, dir string) error {
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
	return path.Join(path.Dir(name), tempPrefix+path.Base(name)+"."+hex.EncodeToString(random[:]))
}
