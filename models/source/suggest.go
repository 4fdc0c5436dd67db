package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/folder"
)

// maxEntries is the most entries of one folder that are looked at, and maxSuggestions the most names a message offers.
const (
	maxEntries     = 10_000
	maxSuggestions = 3
)

// list returns the names in a folder, sorted; nothing if it cannot be read.
func list(dir string) []string {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(maxEntries) // what was read before an error is still worth a suggestion
	slices.Sort(names)
	return names
}

// suggestPath is the end of a message about a missing path: similar names next to it.
func suggestPath(path string) string {
	return didYouMean(filepath.Base(path), list(filepath.Dir(path)))
}

// suggestCached is the same for names in the caches.
func suggestCached(name string, caches []string) string {
	var names []string
	for _, cache := range caches {
		for _, entry := range list(cache) {
			if n, ok := folder.ParseHubDir(entry); ok {
				names = append(names, n)
			}
		}
	}
	return didYouMean(name, names)
}

func didYouMean(name string, names []string) string {
	type scored struct {
		name     string
		distance int
	}
	var alike []scored
	for _, n := range names {
		if d, ok := distance(name, n); ok {
			alike = append(alike, scored{n, d})
		}
	}
	slices.SortStableFunc(alike, func(a, b scored) int { return a.distance - b.distance })
	var out []string
	for _, a := range alike[:min(len(alike), maxSuggestions)] {
		out = append(out, a.name)
	}
	if len(out) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(out, " or ") + "?"
}

// distance compares two names without regard to case or organization. ok is false if they are not alike: an edit
// distance above a third of the length, and neither part of the other.
func distance(a, b string) (d int, ok bool) {
	a, b = strings.ToLower(filepath.Base(a)), strings.ToLower(filepath.Base(b))
	if len(a) > 200 || len(b) > 200 {
		return 0, false
	}
	d = levenshtein(a, b)
	limit := max(len(a), len(b)) / 3
	contained := len(a) >= 4 && strings.Contains(b, a) || len(b) >= 4 && strings.Contains(a, b)
	return d, d <= limit || contained
}

func levenshtein(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
