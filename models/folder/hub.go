package folder

import (
	"path/filepath"
	"strings"
)

// HubEntry is one snapshot of a repository in a Hugging Face cache:
// <cache>/models--ORG--NAME/snapshots/<revision>, whose files are links into <cache>/models--ORG--NAME/blobs.
type HubEntry struct {
	// RepoDir is <cache>/models--ORG--NAME.
	RepoDir string
	// Name is "ORG/NAME", or "NAME" for the few repositories without an organization.
	Name string
	// Revision is the snapshot's commit hash.
	Revision string
	// SnapshotDir is RepoDir/snapshots/Revision.
	SnapshotDir string
}

// hubPrefix and hubSeparator are huggingface_hub's: repository type "models", then the name with its slash as "--".
const (
	hubPrefix    = "models--"
	hubSeparator = "--"
)

// FindHubEntry returns the snapshot of a Hugging Face cache an absolute path lies in, from the path alone.
func FindHubEntry(path string) (*HubEntry, bool) {
	for dir := filepath.Clean(path); ; {
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil, false
		}
		if filepath.Base(parent) == "snapshots" {
			repo := filepath.Dir(parent)
			if name, ok := ParseHubDir(filepath.Base(repo)); ok {
				return &HubEntry{RepoDir: repo, Name: name, Revision: filepath.Base(dir), SnapshotDir: dir}, true
			}
		}
		dir = parent
	}
}

// HubDir is the folder's name of a repository in the cache: "org/name" is "models--org--name".
func HubDir(name string) string {
	return hubPrefix + strings.ReplaceAll(name, "/", hubSeparator)
}

// ParseHubDir reads the repository's name off a folder of the cache. A name cannot hold "--" on the hub, so the result is
// unambiguous.
func ParseHubDir(base string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(base, hubPrefix)
	if !ok || rest == "" || strings.Count(rest, hubSeparator) > 1 {
		return "", false
	}
	return strings.Replace(rest, hubSeparator, "/", 1), true
}
