package emit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/divinedevops/probe/internal/wholefile"
)

// Dir is the folder that probe keeps its state in. It is a value: copying it is free. The zero Dir is no folder: a Recorder
// and a Sender then take DefaultDir, everything else finds nothing there and cannot write.
type Dir struct{ path string }

// NewDir returns the state below path.
func NewDir(path string) Dir { return Dir{path} }

// DefaultDir is PROBE_HOME, else the folder `probe` in the user's configuration folder (os.UserConfigDir).
func DefaultDir(getenv func(string) string) (Dir, error) {
	if home := getenv("PROBE_HOME"); home != "" {
		abs, err := filepath.Abs(home)
		if err != nil {
			return Dir{}, fmt.Errorf("PROBE_HOME %q: %w", home, err)
		}
		return Dir{abs}, nil
	}
	config, err := userConfigDir(getenv)
	if err != nil {
		return Dir{}, fmt.Errorf("no folder for probe's state: set PROBE_HOME: %w", err)
	}
	return Dir{filepath.Join(config, "probe")}, nil
}

// userConfigDir is os.UserConfigDir with an injected environment.
func userConfigDir(getenv func(string) string) (string, error) {
	name, below := "HOME", ".config"
	switch runtime.GOOS {
	case "windows":
		name, below = "AppData", ""
	case "darwin", "ios":
		below = "Library/Application Support"
	case "plan9":
		name, below = "home", "lib"
	default:
		if dir := getenv("XDG_CONFIG_HOME"); dir != "" {
			if !filepath.IsAbs(dir) {
				return "", fmt.Errorf("XDG_CONFIG_HOME: expected an absolute path, found %q", dir)
			}
			return dir, nil
		}
	}
	base := getenv(name)
	if base == "" {
		return "", fmt.Errorf("%s is not set", name)
	}
	return filepath.Join(base, below), nil
}

// Path is the folder itself; empty for the zero Dir.
func (d Dir) Path() string { return d.path }

// Telemetry is the folder of everything that this package writes.
func (d Dir) Telemetry() string { return filepath.Join(d.path, "telemetry") }

func (d Dir) data() string { return filepath.Join(d.Telemetry(), "data") }

var errNoDir = errors.New("no folder for probe's state: neither PROBE_HOME nor a home folder is set")

// openTelemetry opens the telemetry folder, and makes it first if create is set.
func (d Dir) openTelemetry(create bool) (*os.Root, error) { return d.open(d.Telemetry(), "", create) }

// openData opens one generation of the data folder. Purge renames that folder away, so a process that holds it open
// cannot put anything into the next generation: what it writes disappears with the old one.
func (d Dir) openData(create bool) (*os.Root, error) { return d.open(d.data(), queueDir, create) }

func (d Dir) open(path, inside string, create bool) (*os.Root, error) {
	if d.path == "" {
		return nil, errNoDir
	}
	root, err := os.OpenRoot(path)
	if err == nil || !create || !errors.Is(err, os.ErrNotExist) {
		return root, err
	}
	if err := os.MkdirAll(filepath.Join(path, inside), 0o700); err != nil {
		return nil, err
	}
	// New folders must outlive a power cut as the files in them do.
	for p := path; len(p) >= len(d.path); p = filepath.Dir(p) {
		if parent, err := os.OpenRoot(p); err == nil {
			_ = wholefile.SyncDir(parent, ".")
			_ = parent.Close()
		}
		if filepath.Dir(p) == p {
			break
		}
	}
	return os.OpenRoot(path)
}

// ignoreAbsent is err, nil if it says that a folder or file is not there.
func ignoreAbsent(err error) error {
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, errNoDir) {
		return nil
	}
	return err
}
