package machine

import (
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// System is everything that Detect depends on.
type System struct {
	// OS and Arch are GOOS and GOARCH.
	OS, Arch string
	// Root is the file system's root; /proc and /sys are read below it.
	Root fs.FS
	// Cores is how many logical cores the process may be scheduled on.
	Cores int
	// Memory and Version are what the system's own calls say where no file does: macOS and Windows.
	Memory  Memory
	Version string
	// Apple is the name of an Apple GPU, "" for none.
	Apple string
	// Run runs a program and gives its output; nil runs none. See RunTool.
	Run func(ctx context.Context, name string, args ...string) ([]byte, error)
}

// Local is this machine, without running any program.
func Local() System {
	s := System{OS: runtime.GOOS, Arch: runtime.GOARCH, Root: os.DirFS("/"), Cores: runtime.NumCPU()}
	s.native()
	return s
}

// toolTimeout bounds a vendor's tool, which can hang where a GPU has fallen off the bus.
const toolTimeout = 3 * time.Second

// RunTool runs a program for System.Run. A tool that is missing, fails or takes longer than 3 s is an error.
func RunTool(ctx context.Context, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, toolTimeout)
	defer cancel()
	return exec.CommandContext(ctx, name, args...).Output()
}

// maxFile bounds what is read of one file of /proc and /sys.
const maxFile = 1 << 20

// read returns a file's text, "" where it cannot be read.
func (s System) read(name string) string {
	f, err := s.Root.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return ""
	}
	return string(b)
}
