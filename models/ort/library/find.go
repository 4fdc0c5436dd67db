package library

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/vocabulary"
)

// Candidate is one library that was seen.
type Candidate struct {
	// Path is the library as it was found; Origin the place that led there, such as VIRTUAL_ENV.
	Path, Origin string
	// Version is zero if the file does not tell.
	Version Version
	// Providers are the words of the execution providers whose own libraries lie next to it, sorted.
	Providers []string
	// Reason is why it was passed over; "" for one that can be used.
	Reason string
}

// Found is the result of a search.
type Found struct {
	// Candidate is the library to use: the first usable one. Its Path is "" if there is none.
	Candidate
	// Candidates is everything seen, in the order of the search, which ends with the place of the first usable one
	// unless Search.All is set.
	Candidates []Candidate
}

// Find looks for ONNX Runtime: the named library alone if there is one; otherwise ONNXRUNTIME_SHARED_LIBRARY_PATH,
// ORT_DYLIB_PATH, next to the binary, the cache that Install fills, the Python environments VIRTUAL_ENV and CONDA_PREFIX,
// LD_LIBRARY_PATH, system folders. Of several in one place the newest is first. No library is loaded.
//
// If none can be used, it returns a *failure.Error of stage load and KindRuntimeUnavailable that says what was seen;
// Found holds the candidates in that case, too.
func Find(s Search) (Found, error) {
	var found Found
	seen := map[string]bool{}
	for _, p := range s.places() {
		if found.Path != "" && !s.All {
			break
		}
		for _, c := range s.look(p) {
			// A name and the versioned name that it links to are one library.
			real, err := filepath.EvalSymlinks(c.Path)
			if err != nil {
				real = c.Path
			}
			if seen[real] {
				continue
			}
			seen[real] = true
			if s.Provider != "" && !slices.Contains(c.Providers, s.Provider) && c.Reason == "" {
				c.Reason = fmt.Sprintf("it has no %s provider (expected %s next to it)", s.Provider, ProviderFile(s.OS, s.Provider))
			}
			found.Candidates = append(found.Candidates, c)
			if c.Reason == "" && found.Path == "" {
				found.Candidate = c
			}
		}
	}
	if found.Path == "" {
		return found, found.missing(s.Named)
	}
	return found, nil
}

func (f Found) missing(named string) error {
	if named != "" {
		return unavailable("the ONNX Runtime library %s cannot be used: %s", named, f.Candidates[0].Reason).
			With(vocabulary.RemedyNameLibrary)
	}
	if len(f.Candidates) == 0 {
		return unavailable("no ONNX Runtime library found").With(vocabulary.RemedyInstallRuntime, vocabulary.RemedyNameLibrary)
	}
	var reasons []string
	for _, c := range f.Candidates {
		reasons = append(reasons, fmt.Sprintf("%s (%s): %s", c.Path, c.Origin, c.Reason))
	}
	return unavailable("no usable ONNX Runtime library: %s", strings.Join(reasons, "; ")).
		With(vocabulary.RemedyInstallRuntime, vocabulary.RemedyNameLibrary)
}

func unavailable(format string, args ...any) *failure.Error {
	return failure.Errorf(failure.StageLoad, failure.KindRuntimeUnavailable, format, args...)
}

// look returns the candidates of one place, usable or not.
func (s Search) look(p place) []Candidate {
	if p.file != "" {
		info, err := os.Stat(p.file)
		if err != nil {
			return []Candidate{{Path: p.file, Origin: p.origin, Reason: "there is no such file"}}
		}
		if !info.IsDir() {
			return []Candidate{s.inspect(p.file, p.origin)}
		}
		in := s.inFolder(p.file, p.origin)
		if len(in) == 0 {
			return []Candidate{{Path: p.file, Origin: p.origin,
				Reason: fmt.Sprintf("the folder holds none of %s", strings.Join(fileNames(s.OS), ", "))}}
		}
		return in
	}
	var out []Candidate
	for _, pattern := range p.folders {
		folders, err := filepath.Glob(pattern)
		if err != nil {
			folders = []string{pattern} // a folder whose name is no valid pattern
		}
		var here []Candidate
		for _, folder := range folders {
			here = append(here, s.inFolder(folder, p.origin)...)
		}
		newestFirst(here)
		out = append(out, here...)
	}
	return out
}

func (s Search) inFolder(folder, origin string) []Candidate {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil // a place that is not there, or not ours to read
	}
	var out []Candidate
	for _, e := range entries {
		for _, pattern := range fileNames(s.OS) {
			if ok, err := filepath.Match(pattern, e.Name()); err == nil && ok {
				out = append(out, s.inspect(filepath.Join(folder, e.Name()), origin))
				break
			}
		}
	}
	newestFirst(out)
	return out
}

func newestFirst(cs []Candidate) {
	slices.SortStableFunc(cs, func(a, b Candidate) int { return b.Version.Compare(a.Version) })
}

// inspect reads one file and decides whether it can be used.
func (s Search) inspect(path, origin string) Candidate {
	c := Candidate{Path: path, Origin: origin, Providers: providersBeside(path, s.OS)}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		c.Reason = "it is not a regular file"
		return c
	}
	f, err := os.Open(path)
	if err != nil {
		c.Reason = fmt.Sprintf("it cannot be read (%v)", err)
		return c
	}
	defer f.Close()
	info, err := ReadFileInfo(f)
	if err != nil {
		c.Reason = err.Error()
		return c
	}
	c.Version = info.Version
	if c.Version.IsZero() {
		c.Version = nameVersion(filepath.Base(path))
	}
	switch {
	case info.OS != s.OS:
		c.Reason = fmt.Sprintf("it is built for %s, this is %s", info.OS, s.OS)
	case info.Arch != "" && info.Arch != s.Arch:
		c.Reason = fmt.Sprintf("it is built for %s, this is %s", info.Arch, s.Arch)
	case !c.Version.IsZero() && c.Version.Compare(MinVersion) < 0:
		c.Reason = fmt.Sprintf("version %s is too old, expected %s or newer", c.Version, MinVersion)
	}
	return c
}

// providersBeside lists the words of the execution providers whose libraries lie next to a library.
func providersBeside(file, goos string) []string {
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return nil // without the folder's list only the file itself is known
	}
	prefix, suffix := providerNames(goos)
	var out []string
	for _, e := range entries { // sorted by name
		word, begins := strings.CutPrefix(e.Name(), prefix)
		word, ends := strings.CutSuffix(word, suffix)
		if begins && ends && word != "shared" { // which all providers use
			out = append(out, word)
		}
	}
	return out
}

// nameVersion reads the version of a file named libonnxruntime.so.1.31.1 or libonnxruntime.1.31.1.dylib.
func nameVersion(name string) Version {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "libonnxruntime."), "so.")
	v, err := ParseVersion(strings.TrimSuffix(name, ".dylib"))
	if err != nil {
		return Version{}
	}
	return v
}
