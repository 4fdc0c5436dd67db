package ort

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/divinedevops/probe/machine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/ort/library"
	"github.com/divinedevops/probe/vocabulary"
)

// provider is one of ONNX Runtime's execution providers: how it is named, asked for and found. Each has a file of its own
// and a line in the table; nothing else knows it.
type provider struct {
	// name is what ONNX Runtime calls it, title what people call it.
	name, title string
	// word asks for it ("cuda"); with a number ("cuda:1") if numbered is set.
	word     string
	numbered bool
	// deviceType is the kind of device that it stands for, one of vocabulary.DeviceTypes.
	deviceType string
	// gpu includes it in the search for a GPU.
	gpu bool
	// systems are the GOOS that ONNX Runtime has it for; nil is all.
	systems []string
	// library is the word in the name of its own library, which lies next to ONNX Runtime's ("cuda" in
	// libonnxruntime_providers_cuda.so); "" if it is part of ONNX Runtime. release is the package that has it.
	library, release string
	// hardware returns what the machine lacks, nil if nothing; the field is nil if no hardware is needed.
	hardware func(machine.System) error
	// ask adds it to the options of a session; id is the device's number or name, "" for the first.
	ask func(o sessionOptions, id string) error
	// failed and outOfMemory are parts of what ONNX Runtime says when its devices fail, or run out of memory.
	failed, outOfMemory []string
}

// sessionOptions are the ways to add a provider to a session.
type sessionOptions interface {
	// byName is how most are asked for: SessionOptionsAppendExecutionProvider of ONNX Runtime's C API.
	byName(name string, settings map[string]string) error
	// cuda has a function of its own there.
	cuda(settings map[string]string) error
}

// missing returns what the provider lacks with the ONNX Runtime at path, nil if nothing. It is asked before ONNX
// Runtime is, which would only say that something could not be loaded.
func (p *provider) missing(path string, s machine.System) *failure.Error {
	if p.systems != nil && !slices.Contains(p.systems, s.OS) {
		return unusable("ONNX Runtime has no %s provider for %s", p.title, s.OS).With(vocabulary.RemedyOtherDevice)
	}
	for _, name := range p.files(s.OS) {
		file := filepath.Join(filepath.Dir(path), name)
		if _, err := os.Stat(file); err != nil {
			return unusable("this ONNX Runtime is built without %s (expected %s): install %s", p.title, file, p.release).
				With(vocabulary.RemedyNameLibrary, vocabulary.RemedyOtherDevice)
		}
	}
	if p.hardware != nil {
		if err := p.hardware(s); err != nil {
			return unusable("%w", err).With(vocabulary.RemedyOtherDevice)
		}
	}
	return nil
}

// files are the provider's own libraries: what all of them share, and itself.
func (p *provider) files(goos string) []string {
	if p.library == "" {
		return nil
	}
	return []string{library.ProviderFile(goos, "shared"), library.ProviderFile(goos, p.library)}
}

// usage is the word as it is typed: cuda[:N].
func (p *provider) usage() string {
	if p.numbered {
		return p.word + "[:N]"
	}
	return p.word
}

func unusable(format string, args ...any) *failure.Error {
	return failure.Errorf(failure.StageLoad, failure.KindDeviceUnavailable, format, args...)
}

// containsAny reports whether text has one of the parts.
func containsAny(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}

// asNumber is a device's number, 0 if none was given.
func asNumber(id string) string {
	if id == "" {
		return "0"
	}
	return id
}

// unknownDevice is the error for a device that no provider answers to.
func unknownDevice(t table, found string) error {
	known := t.usages()
	return fmt.Errorf("expected %s or %s, found %q", strings.Join(known[:len(known)-1], ", "), known[len(known)-1], found)
}
