package emit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
)

// openRegular opens a file of the state folder and looks at what it has opened, not at the name a second time. It never
// waits, as opening a FIFO would, and refuses whatever is no regular file.
func openRegular(root *os.Root, name string, flags int) (*os.File, fs.FileInfo, error) {
	f, err := root.OpenFile(name, flags|nonBlocking, 0o600)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: expected a regular file, found %s", name, info.Mode().Type())
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// readBounded reads a file of at most limit bytes; a longer one is an error.
func readBounded(root *os.Root, name string, limit int64) ([]byte, error) {
	f, _, err := openRegular(root, name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readAtMost(f, name, limit)
}

// readTrusted is readBounded for a file that decides what leaves this machine: the file and its folder must belong to the
// user or to root, and nobody else may write to them.
func readTrusted(root *os.Root, name string, limit int64) ([]byte, error) {
	f, info, err := openRegular(root, name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if err := checkOwner(info); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	folder, err := root.Stat(".")
	if err != nil {
		return nil, err
	}
	if err := checkOwner(folder); err != nil {
		return nil, fmt.Errorf("the folder of %s: %w", name, err)
	}
	return readAtMost(f, name, limit)
}

func readAtMost(f *os.File, name string, limit int64) ([]byte, error) {
	data := make([]byte, 0, 1024) // an event fits: io.ReadAll would begin smaller and copy
	var err error
	for err == nil && int64(len(data)) <= limit {
		if len(data) == cap(data) {
			data = slices.Grow(data, cap(data))
		}
		var n int
		n, err = f.Read(data[len(data):min(cap(data), int(limit)+1)])
		data = data[:len(data)+n]
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: expected at most %d bytes", name, limit)
	}
	return data, nil
}
