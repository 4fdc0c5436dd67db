package publish

import (
	"bytes"
	"context"
	"crypto/sha1" // git names blobs by it
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// GitHub is a file in a repository, reached through the contents API
// (https://docs.github.com/en/rest/repos/contents).
type GitHub struct {
	API    string // https://api.github.com where empty
	Token  string
	Owner  string
	Repo   string
	Path   string // of the file in the repository
	Branch string // the default branch where empty
	Client *http.Client
	Wait   func(ctx context.Context, attempt int) error // between attempts; nil for a growing pause
}

// Limits of publishing.
const (
	maxGitHubFile  = 95 << 20 // the API takes files of up to 100 MB
	maxGitHubTries = 5
)

// errConflict is GitHub's answer to a file that somebody changed meanwhile.
var errConflict = errors.New("the file was changed by somebody else")

// githubFile is a file's content with the name that git has for it.
type githubFile struct {
	content []byte
	sha     string // empty where there is no such file yet
}

// read gets the file. Up to 1 MB comes with the metadata; a larger one is asked for raw, and held against its sha, since
// it may have been changed in between.
func (g GitHub) read(ctx context.Context) (githubFile, error) {
	body, status, err := g.do(ctx, http.MethodGet, "application/vnd.github.object+json", nil)
	if err != nil {
		return githubFile{}, err
	}
	if status == http.StatusNotFound {
		return githubFile{}, nil
	}
	if status != http.StatusOK {
		return githubFile{}, g.refused(status, body)
	}
	var meta struct {
		Type, SHA, Encoding, Content string
		Size                         int64
	}
	if err := json.Unmarshal(body, &meta); err != nil || meta.Type != "file" {
		return githubFile{}, fmt.Errorf("github: expected a file at %s, found %q: %w", g.Path, meta.Type, errors.Join(err, errNoFile))
	}
	if meta.Size > maxGitHubFile {
		return githubFile{}, fmt.Errorf("github: %s is %d bytes long: set FILE_PATH to a new file", g.Path, meta.Size)
	}
	f := githubFile{sha: meta.SHA}
	if meta.Encoding == "base64" {
		f.content, err = base64.StdEncoding.DecodeString(strings.ReplaceAll(meta.Content, "\n", ""))
	} else {
		f.content, status, err = g.do(ctx, http.MethodGet, "application/vnd.github.raw+json", nil)
		if err == nil && status != http.StatusOK {
			err = g.refused(status, f.content)
		}
	}
	if err != nil {
		return githubFile{}, fmt.Errorf("github: %s: %w", g.Path, err)
	}
	if blobSHA(f.content) != f.sha {
		return githubFile{}, errConflict
	}
	return f, nil
}

var errNoFile = errors.New("not a file")

// write replaces the file, if it still is the one that was read.
func (g GitHub) write(ctx context.Context, old githubFile, content []byte, message string) error {
	body, err := json.Marshal(struct {
		Message string `json:"message"`
		Content []byte `json:"content"` // base64
		SHA     string `json:"sha,omitempty"`
		Branch  string `json:"branch,omitempty"`
	}{message, content, old.sha, g.Branch})
	if err != nil {
		return err
	}
	answer, status, err := g.do(ctx, http.MethodPut, "application/vnd.github+json", body)
	switch {
	case err != nil:
		return err
	case status == http.StatusOK || status == http.StatusCreated:
		return nil
	case status == http.StatusConflict, status == http.StatusUnprocessableEntity && old.sha == "":
		return errConflict // 422 without a sha: the file has come into being meanwhile
	}
	return g.refused(status, answer)
}

// do makes one request; 5xx and failures of the network are errTemporary.
func (g GitHub) do(ctx context.Context, method, accept string, body []byte) ([]byte, int, error) {
	api := strings.TrimRight(g.API, "/")
	if api == "" {
		api = "https://api.github.com"
	}
	target := api + "/repos/" + url.PathEscape(g.Owner) + "/" + url.PathEscape(g.Repo) + "/contents/" +
		(&url.URL{Path: g.Path}).EscapedPath()
	if method == http.MethodGet && g.Branch != "" {
		target += "?ref=" + url.QueryEscape(g.Branch)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, 0, fmt.Errorf("github: %w", err)
	}
	req.Header = http.Header{
		"Accept": {accept}, "Authorization": {"Bearer " + g.Token}, "X-Github-Api-Version": {"2022-11-28"},
		"User-Agent": {"probe-collector"}, "Content-Type": {"application/json"},
	}
	client := g.Client
	if client == nil {
		client = &http.Client{Timeout: 2 * time.Minute}
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, 0, fmt.Errorf("github: %w: %w", errTemporary, err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 2*maxGitHubFile))
	if err != nil {
		return nil, 0, fmt.Errorf("github: %w: %w", errTemporary, err)
	}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests {
		return nil, 0, fmt.Errorf("github: %w: %s", errTemporary, resp.Status)
	}
	return data, resp.StatusCode, nil
}

var errTemporary = errors.New("no answer of use")

// refused says what GitHub said, and what it usually means.
func (g GitHub) refused(status int, body []byte) error {
	var said struct{ Message string }
	_ = json.Unmarshal(body, &said)
	hint := ""
	switch status {
	case http.StatusUnauthorized:
		hint = ": GITHUB_TOKEN is not valid"
	case http.StatusForbidden, http.StatusNotFound:
		hint = ": the token needs write access to the contents of " + g.Owner + "/" + g.Repo
	}
	return fmt.Errorf("github: status %d (%q)%s", status, said.Message, hint)
}

// blobSHA is git's name for a file's content.
func blobSHA(content []byte) string {
	h := sha1.New()
	_, _ = fmt.Fprintf(h, "blob %d\x00", len(content))
	_, _ = h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}
