package source

import (
	"net/url"
	"path"
	"strings"

	"github.com/divinedevops/probe/models/failure"
)

// hubHosts are the names under which the Hugging Face hub is reached.
var hubHosts = []string{"huggingface.co", "www.huggingface.co", "hf.co", "hf-mirror.com"}

// fromURL reads a REF that is a URL: people paste the address of a model's page. A page of the Hugging Face hub names a
// model that may be in the cache; nothing is ever fetched. It returns ok false if ref is no URL.
func (o Options) fromURL(ref string) (s *Source, ok bool, err error) {
	rest, isHub := strings.CutPrefix(ref, "hf://")
	if !isHub {
		for _, host := range hubHosts {
			bare := ref
			if i := strings.Index(ref, "://"); i >= 0 {
				bare = ref[i+len("://"):]
			}
			if rest, isHub = strings.CutPrefix(bare, host+"/"); isHub {
				break
			}
		}
	}
	if !isHub {
		if scheme, _, found := strings.Cut(ref, "://"); found && scheme != "" && !strings.ContainsAny(scheme, `/\ `) {
			if scheme == "file" {
				return nil, true, fail(failure.KindNotFound, "%s is a URL; give the path instead: %s", ref, strings.TrimPrefix(ref, "file://"))
			}
			return nil, true, fail(failure.KindNotFound,
				"%s is a URL, and probe fetches nothing; download the model and give its folder or file", ref)
		}
		return nil, false, nil
	}
	name, revision, file, err := hubPage(ref, rest)
	if err != nil {
		return nil, true, err
	}
	if file != "" {
		if o.ONNXFile != "" {
			return nil, true, fail(failure.KindAmbiguous, "%s names a file already; give %s to choose another by name", ref, name)
		}
		o.ONNXFile = file
	}
	if revision != "" {
		name += "@" + revision
	}
	s, err = o.fromHub(name)
	if s != nil {
		s.Ref = ref
	}
	return s, true, err
}

// hubPage takes the address of a model apart, after the host: org/name, org/name/tree/REVISION or
// org/name/blob/REVISION/FILE (resolve and raw like blob). file is an .onnx file, or "".
func hubPage(ref, rest string) (name, revision, file string, err error) {
	rest, _, _ = strings.Cut(rest, "?")
	rest, _, _ = strings.Cut(rest, "#")
	if plain, err := url.PathUnescape(rest); err == nil {
		rest = plain
	}
	parts := strings.Split(strings.Trim(rest, "/"), "/")
	if len(parts) > 0 && parts[0] == "models" && len(parts) > 2 {
		parts = parts[1:]
	}
	switch parts[0] {
	case "datasets", "spaces", "docs", "papers", "collections", "api":
		return "", "", "", fail(failure.KindNotFound, "%s is not the page of a model; give the model's name (org/name)", ref)
	}
	length := min(len(parts), 2)
	if len(parts) > 1 && isView(parts[1]) {
		length = 1 // a model without an organization: bert-base-uncased/tree/main
	}
	name = strings.Join(parts[:length], "/")
	if !IsHubName(name) {
		return "", "", "", fail(failure.KindNotFound, "%s is not the page of a model; give the model's name (org/name)", ref)
	}
	parts = parts[length:]
	if len(parts) < 2 || !isView(parts[0]) {
		return name, "", "", nil
	}
	view, revision := parts[0], parts[1]
	parts = parts[2:]
	if revision == "refs" && len(parts) >= 2 { // refs/pr/3
		revision, parts = path.Join(revision, parts[0], parts[1]), parts[2:]
	}
	if revision == "main" {
		revision = ""
	}
	if file = strings.Join(parts, "/"); view == "tree" || !strings.HasSuffix(strings.ToLower(file), ".onnx") {
		file = ""
	}
	return name, revision, file, nil
}

// isView reports whether a part of an address is one of the hub's views of a repository.
func isView(part string) bool {
	switch part {
	case "tree", "blob", "resolve", "raw", "commit", "commits", "discussions", "blame":
		return true
	}
	return false
}
