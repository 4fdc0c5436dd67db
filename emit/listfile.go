package emit

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/divinedevops/probe/internal/wholefile"
)

// readList reads a file of one entry a line, with # before remarks. A folder or file that is not there is an empty list.
func readList(dir Dir, name string) ([]string, error) {
	root, err := dir.openTelemetry(false)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNoDir) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	data, err := readTrusted(root, name, 1<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return linesOf(data), nil
}

// linesOf are the lines of a list without remarks and empty ones.
func linesOf(data []byte) []string {
	var list []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list
}

// writeList replaces the file; head is its remarks.
func writeList(dir Dir, name, head string, list []string) error {
	root, err := dir.openTelemetry(true)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	return writeLines(root, name, head, list)
}

func writeLines(root *os.Root, name, head string, list []string) error {
	text := head + strings.Join(list, "\n")
	if len(list) > 0 {
		text += "\n"
	}
	return wholefile.WriteIn(root, name, []byte(text))
}
