package emit

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const excludeFile = "exclude.txt"

const excludeHead = `# No event is made of the models named here, one pattern a line:
#   org          everything a publisher has published
#   org/name     one model; * and ? stand for any characters: org/private-*
#   /path/to     local models in or below a folder
`

// Exclusions are patterns of models and publishers of which no event is made.
type Exclusions []string

// ReadExclusions returns the patterns in telemetry/exclude.txt.
func ReadExclusions(dir Dir) (Exclusions, error) {
	list, err := readList(dir, excludeFile)
	if err != nil {
		return nil, fmt.Errorf("exclusions: %w", err)
	}
	return list, nil
}

// WriteExclusions replaces the patterns.
func WriteExclusions(dir Dir, list Exclusions) error {
	if err := writeList(dir, excludeFile, excludeHead, list); err != nil {
		return fmt.Errorf("exclusions: %w", err)
	}
	return nil
}

// Add returns the list with patterns added, each once.
func (x Exclusions) Add(patterns ...string) (Exclusions, error) {
	out := slices.Clone(x)
	for _, p := range patterns {
		if err := checkPattern(p); err != nil {
			return nil, err
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

func checkPattern(p string) error {
	if p == "" || p != strings.TrimSpace(p) || strings.ContainsAny(p, "\n\r") || strings.HasPrefix(p, "#") {
		return fmt.Errorf("pattern: expected a model, a publisher or an absolute path, found %q", p)
	}
	if _, err := path.Match(p, ""); err != nil {
		return fmt.Errorf("pattern %q: %w", p, err)
	}
	if !filepath.IsAbs(p) && strings.Count(p, "/") > 1 {
		return fmt.Errorf("pattern: expected org, org/name or an absolute path, found %q", p)
	}
	return nil
}

// Match returns the pattern that excludes the model of these facts, or "".
func (x Exclusions) Match(f Facts) string {
	for _, p := range x {
		if filepath.IsAbs(p) {
			if f.LocalPath != "" && matchesPath(p, f.LocalPath) {
				return p
			}
		} else if f.Model != "" && matchesName(p, f.Model) {
			return p
		}
	}
	return ""
}

// matchesName compares without regard to case, as the hub does. A pattern without a slash names a publisher, or a
// model that has none.
func matchesName(pattern, name string) bool {
	pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	if !strings.Contains(pattern, "/") {
		name, _, _ = strings.Cut(name, "/")
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

func matchesPath(pattern, file string) bool {
	for p := filepath.Clean(file); ; p = filepath.Dir(p) {
		if ok, err := filepath.Match(filepath.Clean(pattern), p); ok && err == nil {
			return true
		}
		if parent := filepath.Dir(p); parent == p {
			return false
		}
	}
}

// MatchEvent reports whether the patterns exclude the model of an event that is queued already.
func (x Exclusions) MatchEvent(e Event) bool {
	return e.Metadata.ModelName != LocalModelName && x.Match(Facts{Model: e.Metadata.ModelName}) != ""
}
