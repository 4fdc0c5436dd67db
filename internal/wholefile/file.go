package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file under way: it appears under its path with Keep, or not at all.
type File struct {
	*os.File
	path string
}

// Create begins a file that is to stand at path. Whoever calls it ends with Keep or Discard; Discard after Keep does
// nothing, so it can be deferred.
func Create(path string) (*File, error) {
	// In the same folder, so that the last step is a rename.
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, err
	}
	return &File{f, path}, nil
}

// Keep closes the file, gives it its permissions and puts it in its place, replacing what was there.
func (f *File) Keep(perm fs.FileMode) error {
	if err := errors.Join(f.Chmod(perm), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), f.path)
}

// Discard removes what was written, unless it was kept.
func (f *File) Discard() {
	_ = f.Close()           // closed already after Keep
	_ = os.Remove(f.Name()) // fails once the rename has taken it away
}

// Write writes data to path. A pipe or a device at that path is written to, not replaced.
func Write(path string, data []byte, perm fs.FileMode) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(path, data, perm)
	}
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Keep(perm)
}
