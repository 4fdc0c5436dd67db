package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
)

// defaultOrganization is what sentence-transformers puts before a bare name.
const defaultOrganization = "sentence-transformers"

// fromHub looks a name up in the Hugging Face cache, offline.
func (o Options) fromHub(ref string) (*Source, error) {
	name, revision, hasRevision := strings.Cut(ref, "@")
	if !IsHubName(name) || hasRevision && (revision == "" || folder.CheckRelative(revision) != nil) {
		return nil, fail(failure.KindNotFound, "no file or folder %q is here, and it is not a name either; expected %s", ref, forms)
	}
	names := []string{name}
	if !strings.Contains(name, "/") {
		names = []string{defaultOrganization + "/" + name, name}
	}
	caches := o.caches()
	for _, cache := range caches {
		for _, name := range names {
			repo := filepath.Join(cache, folder.HubDir(name))
			if !isDir(repo) {
				continue
			}
			dir, err := snapshot(repo, name, revision)
			if err != nil {
				return nil, err
			}
			return o.fromFolder(&Source{Ref: ref, Kind: KindHub}, dir)
		}
	}
	if !hasRevision {
		if s, err := o.fromOldCache(ref, names); s != nil || err != nil {
			return s, err
		}
	}
	return nil, fail(failure.KindNotFound, "%s is not here: no such folder, and not in the Hugging Face cache (%s)%s; "+
		"download it first: hf download %s", ref, strings.Join(caches, ", "), suggestCached(name, caches), names[0])
}

// IsHubName reports whether a repository of the hub can have this name: one or two parts of letters, digits, "-", "_" and
// ".", without "--" or "..", that neither begin nor end with "-" or "." (huggingface_hub's utils/_validators.py).
func IsHubName(name string) bool {
	parts := strings.Split(name, "/")
	if len(parts) > 2 || len(name) > 2*96 || strings.Contains(name, "--") || strings.Contains(name, "..") {
		return false
	}
	for _, part := range parts {
		if part == "" || len(part) > 96 || strings.Trim(part, "-.") != part {
			return false
		}
		for _, c := range part {
			switch {
			case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
			default:
				return false
			}
		}
	}
	return true
}

// caches lists the folders to search: sentence-transformers' own where its variable is set, then huggingface_hub's
// (constants.py): HF_HUB_CACHE, its old name HUGGINGFACE_HUB_CACHE, HF_HOME/hub, XDG_CACHE_HOME/huggingface/hub,
// ~/.cache/huggingface/hub.
func (o Options) caches() []string {
	var out []string
	if dir := o.dir("SENTENCE_TRANSFORMERS_HOME"); dir != "" {
		out = append(out, dir)
	}
	for _, variable := range []string{"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"} {
		if dir := o.dir(variable); dir != "" {
			return append(out, dir)
		}
	}
	if dir := o.dir("HF_HOME"); dir != "" {
		return append(out, filepath.Join(dir, "hub"))
	}
	if dir := o.userCache(); dir != "" {
		out = append(out, filepath.Join(dir, "huggingface", "hub"))
	}
	return out
}

// dir reads a folder from the environment, with "~" and "$NAME" expanded as huggingface_hub does.
func (o Options) dir(variable string) string {
	value := o.Env(variable)
	if value == "" {
		return ""
	}
	return os.Expand(expandHome(value, o.Home), o.Env)
}

func (o Options) userCache() string {
	if dir := o.Env("XDG_CACHE_HOME"); dir != "" {
		return dir
	}
	if o.Home == "" {
		return ""
	}
	return filepath.Join(o.Home, ".cache")
}

// fromOldCache looks where sentence-transformers before 2.3 kept its models: torch's cache, "/" in names as "_", plain
// files and no revision.
func (o Options) fromOldCache(ref string, names []string) (*Source, error) {
	torch := o.dir("TORCH_HOME")
	if torch == "" {
		base := o.userCache()
		if base == "" {
			return nil, nil
		}
		torch = filepath.Join(base, "torch")
	}
	for _, name := range names {
		dir := filepath.Join(torch, "sentence_transformers", strings.ReplaceAll(name, "/", "_"))
		if !isDir(dir) {
			continue
		}
		s := &Source{Ref: ref, Kind: KindHub}
		s.identify(&folder.HubEntry{Name: name})
		return o.fromFolder(s, dir)
	}
	return nil, nil
}

// snapshot finds the folder of a revision: a branch or tag that refs/ knows, a commit hash, or the beginning of one. ""
// is the branch main, or the only snapshot there is.
func snapshot(repo, name, revision string) (string, error) {
	ref := revision
	if ref == "" {
		ref = "main"
	}
	commit, err := readRef(filepath.Join(repo, "refs", filepath.FromSlash(ref)))
	if err != nil {
		return "", fail(failure.KindMissingFile, "the cache entry of %s is damaged: %w; download it again: hf download %s",
			name, err, name)
	}
	if commit != "" {
		dir := filepath.Join(repo, "snapshots", commit)
		if !isDir(dir) {
			return "", fail(failure.KindMissingFile,
				"the cache entry of %s is incomplete: snapshot %s is not there; download it again: hf download %s",
				name, commit, name)
		}
		return dir, nil
	}
	commits := list(filepath.Join(repo, "snapshots"))
	var found []string
	for _, commit := range commits {
		if commit == revision || len(revision) >= 4 && strings.HasPrefix(commit, revision) || revision == "" {
			found = append(found, commit)
		}
	}
	switch {
	case len(found) == 1:
		return filepath.Join(repo, "snapshots", found[0]), nil
	case len(found) > 1:
		return "", fail(failure.KindAmbiguous, "several revisions of %s are cached (%s); choose one: %s@REVISION",
			name, strings.Join(found, ", "), name)
	case revision != "":
		return "", fail(failure.KindNotFound, "%s is cached, but not revision %s; cached are: %s", name, revision,
			orNone(append(list(filepath.Join(repo, "refs")), commits...)))
	}
	return "", fail(failure.KindMissingFile, "the cache entry of %s has no snapshot; download it: hf download %s", name, name)
}

// readRef reads the commit hash that a file of refs/ holds; "" if there is no such file.
func readRef(path string) (string, error) {
	f, err := folder.OpenRegular(path)
	if errors.Is(err, fs.ErrNotExist) || isDir(path) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	buf := make([]byte, 256)
	n, _ := f.Read(buf)
	commit := strings.TrimSpace(string(buf[:n]))
	if commit == "" || strings.ContainsAny(commit, `/\`) || folder.CheckRelative(commit) != nil || commit == "." {
		return "", errors.New("refs/" + filepath.Base(path) + " does not hold a commit hash")
	}
	return commit, nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
