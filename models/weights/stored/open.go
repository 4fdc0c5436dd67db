package stored

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
)

// Open opens a file of weights for reading and fills in all of a File but its tensors. Formats call it first.
//
// Errors are *failure.Error of stage load: KindMissingFile, KindEmptyFile, KindInvalidFormat for what is not a regular
// file.
func Open(path string) (*File, *os.File, error) {
	resolved, err := filepath.EvalSymlinks(path)
	if err == nil {
		resolved, err = filepath.Abs(resolved)
	}
	if err != nil {
		return nil, nil, OpenError(path, err)
	}
	r, err := folder.OpenRegular(resolved)
	if err != nil {
		return nil, nil, OpenError(path, err)
	}
	f := &File{Path: path, Resolved: resolved}
	if err := f.check(r); err != nil {
		r.Close()
		return nil, nil, err
	}
	return f, r, nil
}

// check refuses what no format has.
func (f *File) check(r *os.File) error {
	info, err := r.Stat()
	if err != nil {
		return OpenError(f.Path, err)
	}
	if f.Size = info.Size(); f.Size == 0 {
		return failure.Errorf(failure.StageLoad, failure.KindEmptyFile, "%s is empty (0 bytes); download it again", f.Path)
	}
	return nil
}

// Identify recognizes what the file is by how it begins.
func (f *File) Identify(r io.ReaderAt) folder.Content {
	head := make([]byte, min(f.Size, folder.HeadSize))
	n, _ := r.ReadAt(head, 0) // a file that cannot be read is nothing that is known; reading on says why
	return folder.Identify(head[:n], f.Size)
}

// OpenError is the error for a file of weights that cannot be opened.
func OpenError(path string, err error) error {
	kind := failure.KindInvalidFormat
	if errors.Is(err, fs.ErrNotExist) {
		kind = failure.KindMissingFile
	}
	return failure.Errorf(failure.StageLoad, kind, "opening %s: %w", path, err)
}
