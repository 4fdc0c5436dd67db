package library

import (
	"os"
	"path/filepath"
	goruntime "runtime"
)

// Search is where Find looks: everything of this process and machine that it depends on.
type Search struct {
	// Named is a library, or a folder that holds one, that the user named. If it is set, nothing else is looked at.
	Named string
	// Getenv reads the environment.
	Getenv func(string) string
	// Executable is the path of the running binary, "" where it is not known.
	Executable string
	// Cache is probe's cache folder, which Install fills. See CacheDir.
	Cache string
	// System are the folders where a package manager or a `make install` puts libraries.
	System []string
	// Provider is the word of an execution provider that must lie next to the library (see ProviderFile); "" for none.
	Provider string
	// All looks at every place, for a report; otherwise the search ends at the first library that can be used.
	All bool
	// OS and Arch are GOOS and GOARCH.
	OS, Arch string
}

// DefaultSearch looks on this machine; named is Search.Named, "" for none.
func DefaultSearch(named string) Search {
	s := Search{Named: named, Getenv: os.Getenv, OS: goruntime.GOOS, Arch: goruntime.GOARCH}
	if exe, err := os.Executable(); err == nil {
		s.Executable = exe
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			s.Executable = real
		}
	}
	if dir, err := CacheDir(os.Getenv); err == nil {
		s.Cache = dir
	}
	s.System = systemFolders(s.OS, s.Arch)
	return s
}

// CacheDir is PROBE_CACHE, or probe's folder in the user's cache folder.
func CacheDir(getenv func(string) string) (string, error) {
	if dir := getenv("PROBE_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "probe"), nil
}

// installFolder is where Install puts the library of a version ("*" for the pattern of all).
func installFolder(cache, version string) string { return filepath.Join(cache, "onnxruntime", version) }

func systemFolders(goos, goarch string) []string {
	switch goos {
	case "darwin":
		return []string{"/opt/homebrew/lib", "/usr/local/lib", "/opt/local/lib"}
	case "windows":
		return []string{`C:\Program Files\onnxruntime\lib`, `C:\Program Files\onnxruntime\bin`, `C:\Windows\System32`}
	}
	folders := []string{"/usr/local/lib", "/usr/local/lib64", "/opt/onnxruntime/lib"}
	switch goarch {
	case "amd64":
		folders = append(folders, "/usr/lib/x86_64-linux-gnu")
	case "arm64":
		folders = append(folders, "/usr/lib/aarch64-linux-gnu")
	}
	return append(folders, "/usr/lib64", "/usr/lib")
}

// fileNames are patterns of the library's file name.
func fileNames(goos string) []string {
	switch goos {
	case "darwin":
		return []string{"libonnxruntime.dylib", "libonnxruntime.*.dylib"}
	case "windows":
		return []string{"onnxruntime.dll"}
	}
	return []string{"libonnxruntime.so", "libonnxruntime.so.*"}
}

// providerNames are how the name of an execution provider's own library begins and ends; its word is in between.
func providerNames(goos string) (prefix, suffix string) {
	switch goos {
	case "darwin":
		return "libonnxruntime_providers_", ".dylib"
	case "windows":
		return "onnxruntime_providers_", ".dll"
	}
	return "libonnxruntime_providers_", ".so"
}

// ProviderFile is the file name of an execution provider's own library, which lies next to ONNX Runtime's.
func ProviderFile(goos, word string) string {
	prefix, suffix := providerNames(goos)
	return prefix + word + suffix
}

// place is one step of the search: the folders or the file of one origin.
type place struct {
	origin string
	// folders are patterns of folders that hold the library under one of its names.
	folders []string
	// file is a library's path, or a folder with one, that the user gave; it must be there.
	file string
}

// places are all steps in order.
func (s Search) places() []place {
	if s.Named != "" {
		return []place{{origin: "the user", file: s.Named}}
	}
	var out []place
	for _, name := range []string{"ONNXRUNTIME_SHARED_LIBRARY_PATH", "ORT_DYLIB_PATH"} {
		if v := s.Getenv(name); v != "" {
			out = append(out, place{origin: name, file: v})
		}
	}
	if s.Executable != "" {
		dir := filepath.Dir(s.Executable)
		out = append(out, place{origin: "next to probe", folders: []string{dir, filepath.Join(filepath.Dir(dir), "lib")}})
	}
	if s.Cache != "" {
		out = append(out, place{origin: "the cache", folders: []string{installFolder(s.Cache, "*")}})
	}
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if v := s.Getenv(name); v != "" {
			out = append(out, place{origin: name, folders: pythonFolders(v, s.OS)})
		}
	}
	if v := s.Getenv("LD_LIBRARY_PATH"); v != "" && s.OS == "linux" {
		out = append(out, place{origin: "LD_LIBRARY_PATH", folders: filepath.SplitList(v)})
	}
	return append(out, place{origin: "system", folders: s.System})
}

// pythonFolders are where a Python environment keeps the library: that of the onnxruntime wheel, and conda's own.
func pythonFolders(prefix, goos string) []string {
	capi := filepath.Join("site-packages", "onnxruntime", "capi")
	if goos == "windows" {
		return []string{filepath.Join(prefix, "Lib", capi), filepath.Join(prefix, "Library", "bin")}
	}
	return []string{filepath.Join(prefix, "lib", "python3*", capi), filepath.Join(prefix, "lib")}
}
