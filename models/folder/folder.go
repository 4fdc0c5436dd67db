// Package folder opens the files of one model without leaving its folder.
//
// Models are hostile input: their configuration files name other files, and archives hold links. Every path that comes
// from a model goes through Root, which refuses absolute paths, "..", and symbolic links that lead out of the folder.
// One exception is what the Hugging Face cache is made of: a snapshot's files are links into the blobs folder of the
// same repository (https://huggingface.co/docs/huggingface_hub/guides/manage-cache). The other: huggingface_hub before
// 0.23 filled a folder (hf download --local-dir) with links into the blobs of the user's cache, so a caller may name the
// caches that links may lead into.
package folder

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/divinedevops/probe/models/failure"
)

// Root is a model's folder. The zero value is not usable; make it with Open.
type Root struct {
	// Dir is the absolute folder with links resolved.
	Dir string
	// Hub is the Hugging Face cache entry that the folder lies in, or nil.
	Hub *HubEntry

	blobs  string        // where links may lead besides Dir; "" outside a Hugging Face cache
	caches []string      // the user's Hugging Face caches, whose blobs links may lead to
	stage  failure.Stage // what the errors carry
}

// Open takes dir as a model's folder. The errors of its methods carry stage. It fails with KindNotFound where dir is no
// folder. caches are the user's own Hugging Face caches: links into the blobs of their repositories are followed.
func Open(dir string, stage failure.Stage, caches ...string) (*Root, error) {
	abs, err := filepath.Abs(dir)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return nil, failure.Errorf(stage, failure.KindNotFound, "expected a folder: %w", err)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, failure.Errorf(stage, failure.KindNotFound, "expected a folder: %w", err)
	}
	if !info.IsDir() {
		return nil, failure.Errorf(stage, failure.KindNotFound, "expected a folder, found a file: %s", dir)
	}
	r := &Root{Dir: abs, stage: stage}
	for _, cache := range caches {
		if real, err := filepath.EvalSymlinks(cache); err == nil && filepath.IsAbs(real) {
			r.caches = append(r.caches, real)
		}
	}
	if hub, ok := FindHubEntry(abs); ok {
		r.Hub = hub
		r.blobs = filepath.Join(hub.RepoDir, "blobs")
	}
	return r, nil
}

// CheckRelative refuses every path that is not plainly below the folder it is relative to: absolute in POSIX or Windows
// spelling, with a ".." part, or with a NUL byte. "" and "." are the folder itself.
func CheckRelative(rel string) error {
	switch {
	case strings.ContainsRune(rel, 0):
		return errors.New("the path has a NUL byte")
	case strings.HasPrefix(rel, "/") || strings.HasPrefix(rel, `\`):
		return errors.New("the path is absolute")
	case len(rel) >= 2 && rel[1] == ':':
		return errors.New("the path names a drive")
	}
	for _, part := range strings.FieldsFunc(rel, func(c rune) bool { return c == '/' || c == '\\' }) {
		if part == ".." {
			return errors.New(`the path has a ".." part`)
		}
	}
	return nil
}

// Path returns the absolute path, links resolved, of a file or folder named relative to the root (forward slashes).
// It fails with KindUnsafePath where the name or a link leaves the root, and with KindMissingFile where nothing is
// there; a link whose target is missing is named as such, because that is how an incomplete cache entry looks.
func (r *Root) Path(rel string) (string, error) {
	if err := CheckRelative(rel); err != nil {
		return "", failure.Errorf(r.stage, failure.KindUnsafePath,
			"expected a path inside the model's folder, found %q: %w", rel, err)
	}
	path := filepath.Join(r.Dir, filepath.FromSlash(rel))
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", r.missing(rel, path, err)
	}
	if within(resolved, r.Dir) || r.blobs != "" && within(resolved, r.blobs) || r.inCaches(resolved) {
		return resolved, nil
	}
	return "", failure.Errorf(r.stage, failure.KindUnsafePath,
		"%s is a link out of the model's folder; give the folder that really holds the files", rel)
}

// inCaches reports whether a path is a blob of one of the caches: CACHE/models--ORG--NAME/blobs/HASH. A snapshot of a cache
// links to its own blobs only.
func (r *Root) inCaches(path string) bool {
	blobs := filepath.Dir(path)
	repo := filepath.Dir(blobs)
	if r.Hub != nil || filepath.Base(blobs) != "blobs" {
		return false
	}
	_, ok := ParseHubDir(filepath.Base(repo))
	return ok && slices.Contains(r.caches, filepath.Dir(repo))
}

func (r *Root) missing(rel, path string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return failure.Errorf(r.stage, failure.KindMissingFile, "cannot reach %s: %w", rel, err)
	}
	if info, lerr := os.Lstat(path); lerr == nil && info.Mode()&fs.ModeSymlink != 0 {
		advice := ""
		if r.Hub != nil {
			advice = "; the cache entry is incomplete, download it again: hf download " + r.Hub.Name
		}
		return failure.Errorf(r.stage, failure.KindMissingFile, "%s is a link to a file that is not there%s: %w", rel, advice, err)
	}
	return failure.Errorf(r.stage, failure.KindMissingFile, "expected the file %s in the model's folder: %w", rel, err)
}

// Has reports whether a regular file of that name is there and may be read.
func (r *Root) Has(rel string) bool {
	path, err := r.Path(rel)
	if err != nil {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// Listed reports whether the name is there at all, as a dangling or unsafe link too: what is listed and cannot be read is
// an error to report, not a file to pass over.
func (r *Root) Listed(rel string) bool {
	if CheckRelative(rel) != nil {
		return false
	}
	_, err := os.Lstat(filepath.Join(r.Dir, filepath.FromSlash(rel)))
	return err == nil
}

// Names are the names of at most limit files and folders at the top of the root, sorted; none if it cannot be read.
func (r *Root) Names(limit int) []string { return r.NamesIn("", limit) }

// NamesIn is Names of a folder below the root.
func (r *Root) NamesIn(rel string, limit int) []string {
	dir, err := r.Path(rel)
	if err != nil {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(limit) // what was read before an error still counts
	slices.Sort(names)
	return names
}

// ReadFile reads a whole file of at most limit bytes. Beyond that it fails with KindTooLarge; pipes and devices, which
// could block or never end, are KindInvalidFormat.
func (r *Root) ReadFile(rel string, limit int64) ([]byte, error) {
	path, err := r.Path(rel)
	if err != nil {
		return nil, err
	}
	f, err := OpenRegular(path)
	if err != nil {
		return nil, failure.Errorf(r.stage, failure.KindInvalidFormat, "cannot read %s: %w", rel, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, failure.Errorf(r.stage, failure.KindInvalidFormat, "cannot read %s: %w", rel, err)
	}
	if int64(len(data)) > limit {
		return nil, failure.Errorf(r.stage, failure.KindTooLarge, "%s: expected at most %d bytes, found more", rel, limit)
	}
	return data, nil
}

// OpenRegular opens a file for reading if it is a regular one. It opens first and asks the open file what it is: between a
// look at a path and its opening somebody may put another file there. Opening does not wait for the writer of a pipe.
func OpenRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errors.New("expected a file, found a folder")
	case !info.Mode().IsRegular():
		err = errors.New("expected a regular file, found a pipe, socket or device")
	default:
		return f, nil
	}
	_ = f.Close() // nothing was written
	return nil, err
}

func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
