package stored

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
)

// Open opens a file of weights for reading and fills in all of a File but its tensors. Formats call it first.
//
// Errors are *failure.Error of stage load: KindMissingFile, KindEmptyFile, KindInvalidFormat for what is not a regular
// file or is a Git LFS pointer.
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

// check refuses what is no file of weights in any format.
func (f *File) check(r *os.File) error {
	info, err := r.Stat()
	if err != nil {
		return OpenError(f.Path, err)
	}
	if f.Size = info.Size(); f.Size == 0 {
		return failure.Errorf(failure.StageLoad, failure.KindEmptyFile, "%s is empty (0 bytes); download it again", f.Path)
	}
	const pointer = "version https://git-lfs"
	head := make([]byte, len(pointer))
	if n, _ := r.ReadAt(head, 0); string(head[:n]) == pointer {
		return failure.Errorf(failure.StageLoad, failure.KindInvalidFormat,
			"%s is a Git LFS pointer, not the weights; run `git lfs pull`", f.Path)
	}
	return nil
}

// OpenError is the error for a file of weights that cannot be opened.
func OpenError(path string, err error) error {
	kind := failure.KindInvalidFormat
	if errors.Is(err, fs.ErrNotExist) {
		kind = failure.KindMissingFile
	}
	return failure.Errorf(failure.StageLoad, kind, "opening %s: %w", path, err)
}
