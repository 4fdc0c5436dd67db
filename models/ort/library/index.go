package library

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// maxIndex bounds the index page; PyPI's for onnxruntime has 1 MB.
const maxIndex = 32 << 20

// indexTypes asks for the page as JSON (PEP 691) and takes HTML (PEP 503) from an index that has only that.
const indexTypes = "application/vnd.pypi.simple.v1+json, text/html;q=0.2"

// wheelURL looks the wheel up in the index.
func wheelURL(ctx context.Context, o InstallOptions) (*url.URL, error) {
	page, err := url.Parse(strings.TrimSuffix(o.Index, "/") + "/onnxruntime/")
	if err != nil || page.Host == "" {
		return nil, fmt.Errorf("expected the URL of a package index (PIP_INDEX_URL), found %q", redact(o.Index))
	}
	resp, err := get(ctx, o.Client, page, indexTypes)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxIndex+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", page.Redacted(), err)
	}
	if len(body) > maxIndex {
		return nil, fmt.Errorf("%s: expected an index page of at most %d bytes", page.Redacted(), maxIndex)
	}
	var href string
	if kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err == nil && strings.HasSuffix(kind, "+json") {
		href, err = hrefInJSON(body, o.Wheel.File)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", page.Redacted(), err)
		}
	} else if href, err = hrefInHTML(body, o.Wheel.File); err != nil {
		return nil, fmt.Errorf("%s: %w", page.Redacted(), err)
	}
	// A redirected page's links are relative to where it ended.
	file, err := resp.Request.URL.Parse(href)
	if err != nil {
		return nil, fmt.Errorf("%s: %s is at no URL: %w", page.Redacted(), o.Wheel.File, err)
	}
	if file.Host == page.Host && file.User == nil {
		file.User = page.User // an index with a password wants the same for its files
	}
	return file, nil
}

func hrefInJSON(body []byte, name string) (string, error) {
	var index struct {
		Files []struct {
			Filename string `json:"filename"`
			URL      string `json:"url"`
		} `json:"files"`
	}
	if err := json.Unmarshal(body, &index); err != nil {
		return "", fmt.Errorf("expected a package index in JSON: %w", err)
	}
	for _, f := range index.Files {
		if f.Filename == name {
			return f.URL, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, errNoFile)
}

func hrefInHTML(body []byte, name string) (string, error) {
	for _, m := range regexp.MustCompile(`(?i)<a\s[^>]*?href\s*=\s*["']([^"']+)["']`).FindAllSubmatch(body, -1) {
		href := html.UnescapeString(string(m[1]))
		u, err := url.Parse(href)
		if err == nil && path.Base(u.Path) == name {
			return href, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, errNoFile)
}

// get asks for a URL and takes nothing but a 200.
func get(ctx context.Context, client *http.Client, u *url.URL, accept string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	req.Header.Set("User-Agent", "probe-runtime-install")
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("cannot fetch ONNX Runtime (PIP_INDEX_URL and HTTPS_PROXY are obeyed): %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%s: expected 200, found %s", u.Redacted(), resp.Status)
	}
	return resp, nil
}

// redact hides a password in what may be a URL.
func redact(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "(not a URL)"
	}
	return u.Redacted()
}
