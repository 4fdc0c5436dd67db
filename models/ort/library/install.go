package library

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	goruntime "runtime"
)

// DefaultIndex is the package index that Install asks unless PIP_INDEX_URL names another.
const DefaultIndex = "https://pypi.org/simple"

// maxLibrary bounds the unpacked library; that of 1.31.1 has 33 MB at most.
const maxLibrary = 256 << 20

// InstallOptions are what Install depends on.
type InstallOptions struct {
	// Cache is probe's cache folder; the library goes to onnxruntime/<version>/ in it.
	Cache string
	// Index is the URL of a package index that speaks PEP 503 (HTML) or PEP 691 (JSON).
	Index string
	// Wheel is the release to install.
	Wheel Wheel
	// Client fetches; its transport decides about proxies.
	Client *http.Client
	// Progress, if set, is called with the bytes fetched so far and in all.
	Progress func(done, total int64)
}

// Installed is what Install did.
type Installed struct {
	Path    string
	Version string
	// Present reports that it was there already, and nothing was fetched.
	Present bool
}

// DefaultInstall takes the wheel pinned for this platform from PIP_INDEX_URL or PyPI, through the proxy that HTTPS_PROXY
// names, into the user's cache. It fails on a platform that ONNX Runtime has no wheel for.
func DefaultInstall(getenv func(string) string) (InstallOptions, error) {
	wheel, ok := Pinned(goruntime.GOOS, goruntime.GOARCH)
	if !ok {
		return InstallOptions{}, fmt.Errorf("ONNX Runtime has no release for %s/%s on PyPI: use a library of your own, or the "+
			"pure Go engine", goruntime.GOOS, goruntime.GOARCH)
	}
	cache, err := CacheDir(getenv)
	if err != nil {
		return InstallOptions{}, fmt.Errorf("expected a cache folder, set PROBE_CACHE: %w", err)
	}
	o := InstallOptions{Cache: cache, Index: DefaultIndex, Wheel: wheel, Client: http.DefaultClient}
	if v := getenv("PIP_INDEX_URL"); v != "" {
		o.Index = v
	}
	return o, nil
}

// Install fetches a pinned ONNX Runtime wheel, checks its SHA-256 and puts the shared library, and nothing else of it,
// into the cache, where Find sees it. It appears there whole or not at all. If it is there already, nothing is fetched.
func Install(ctx context.Context, o InstallOptions) (Installed, error) {
	folder := installFolder(o.Cache, o.Wheel.Version)
	done := Installed{Path: filepath.Join(folder, path.Base(o.Wheel.Library)), Version: o.Wheel.Version}
	if isLibrary(done.Path, o.Wheel) {
		done.Present = true
		return done, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return Installed{}, fmt.Errorf("cannot make the cache folder: %w", err)
	}
	// Downloads lie next to the library, on the same file system, so that the last step is a rename.
	temp, err := os.MkdirTemp(folder, "download-")
	if err != nil {
		return Installed{}, fmt.Errorf("cannot write to the cache folder: %w", err)
	}
	defer os.RemoveAll(temp)

	wheel := filepath.Join(temp, "wheel")
	if err := download(ctx, o, wheel); err != nil {
		return Installed{}, err
	}
	library := filepath.Join(temp, "library")
	if err := extract(wheel, o.Wheel.Library, library); err != nil {
		return Installed{}, fmt.Errorf("%s: %w", o.Wheel.File, err)
	}
	if !isLibrary(library, o.Wheel) {
		return Installed{}, fmt.Errorf("%s: expected ONNX Runtime %s for %s/%s in %s, found something else", o.Wheel.File,
			o.Wheel.Version, o.Wheel.OS, o.Wheel.Arch, o.Wheel.Library)
	}
	if err := os.Rename(library, done.Path); err != nil {
		return Installed{}, fmt.Errorf("cannot put the library into place: %w", err)
	}
	return done, nil
}

// isLibrary reports whether a file is the library of the wheel.
func isLibrary(file string, w Wheel) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := ReadFileInfo(f)
	return err == nil && info == FileInfo{Version: mustParse(w.Version), OS: w.OS, Arch: w.Arch}
}

// mustParse parses a pinned version; a broken one equals no library's.
func mustParse(v string) Version {
	parsed, err := ParseVersion(v)
	if err != nil {
		return Version{-1, -1, -1}
	}
	return parsed
}

var errNoFile = errors.New("the index does not list it")
