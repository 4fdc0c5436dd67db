package ndjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Folder returns the folder that a location names: ndjson:FOLDER, ndjson://FOLDER or the folder alone.
func Folder(location string) string {
	const scheme = "ndjson:"
	if len(location) < len(scheme) || !strings.EqualFold(location[:len(scheme)], scheme) {
		return location
	}
	return strings.TrimPrefix(location[len(scheme):], "//")
}

func segmentName(number int) string { return fmt.Sprintf("events-%08d.ndjson", number) }

func segmentPath(folder string, number int) string { return filepath.Join(folder, segmentName(number)) }

// segments returns the numbers of the segments in a folder, in order.
func segments(folder string) ([]int, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, entry := range entries {
		var number int
		if _, err := fmt.Sscanf(entry.Name(), "events-%d.ndjson", &number); err == nil &&
			entry.Name() == segmentName(number) && entry.Type().IsRegular() {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// cutTornLine removes what follows the last line break, and returns the size that is left and the size before.
func cutTornLine(f *os.File) (end, size int64, err error) {
	size, err = f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, 0, err
	}
	end = size
	block := make([]byte, 64<<10)
	for end > 0 {
		start := max(end-int64(len(block)), 0)
		part := block[:end-start]
		if _, err := f.ReadAt(part, start); err != nil && err != io.EOF {
			return 0, 0, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			end = start + int64(i) + 1
			break
		}
		end = start
	}
	if end == size {
		return end, size, nil
	}
	if err := f.Truncate(end); err != nil {
		return 0, 0, err
	}
	return end, size, f.Sync()
}

// syncFolder makes a new file's name durable. Windows has no such call, and needs none.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// writeFile replaces a file whole, or leaves the one that is there.
func writeFile(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
