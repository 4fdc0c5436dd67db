//go:build cgo

package ort

import (
	"os"
	"path/filepath"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
)

// profileFile is where the library writes its profile: one file, whose name the library chooses, in a folder of its own.
type profileFile struct {
	dir  string   // "" once removed
	file *os.File // open from the session's start on, so that the name can go at once and nothing is left by a kill
}

func newProfileFile(tempDir string) (*profileFile, error) {
	dir, err := os.MkdirTemp(tempDir, "probe-profile-")
	if err != nil {
		return nil, failure.Errorf(failure.StageLoad, failure.KindInternal, "cannot make a folder for the profile: %w", err)
	}
	return &profileFile{dir: dir}, nil
}

func (p *profileFile) prefix() string { return filepath.Join(p.dir, "ort") }

// opened is called when the library has created the file. It takes the file's name away where the system lets it
// (Windows does not let it before the library closes the file; there remove does it).
func (p *profileFile) opened() error {
	found, err := filepath.Glob(p.prefix() + "*.json")
	if err != nil || len(found) != 1 {
		return failure.Errorf(failure.StageLoad, failure.KindInternal,
			"expected one profile file by ONNX Runtime in %s, found %d (%w)", p.dir, len(found), err)
	}
	if p.file, err = os.Open(found[0]); err != nil {
		return failure.Errorf(failure.StageLoad, failure.KindInternal, "cannot open ONNX Runtime's profile: %w", err)
	}
	if os.RemoveAll(p.dir) == nil {
		p.dir = ""
	}
	return nil
}

// read counts the providers; the library must have closed the file.
func (p *profileFile) read() (engine.Provider, error) {
	if p.file == nil {
		return engine.Provider{}, failure.Errorf(failure.StageInference, failure.KindInternal,
			"expected Provider to be called once and before Close")
	}
	defer p.remove()
	counted, err := countProviders(p.file)
	if err != nil {
		return counted, failure.Errorf(failure.StageInference, failure.KindInternal, "cannot tell what ran the nodes: %w", err)
	}
	return counted, nil
}

// remove leaves nothing behind; it is safe to call twice.
func (p *profileFile) remove() {
	if p.file != nil {
		_ = p.file.Close() // it was only read
		p.file = nil
	}
	if p.dir != "" {
		_ = os.RemoveAll(p.dir) // where this fails too the folder is the system's to clear: it lies in its temporary one
		p.dir = ""
	}
}
