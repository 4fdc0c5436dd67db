package emit

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/divinedevops/probe/vocabulary"
)

const includeFile = "include.txt"

const includeHead = `# Publishers on the hub, or single models, that events may name, one a line:
#   org          everything this publisher has published
#   org/name     one model
# Of others an event says "local", unless they are known to be public.
`

// Inclusions are publishers and models of the hub that the user lets events name, besides those known to be public.
type Inclusions []string

// ReadInclusions returns what telemetry/include.txt names.
func ReadInclusions(dir Dir) (Inclusions, error) {
	list, err := readList(dir, includeFile)
	if err != nil {
		return nil, fmt.Errorf("inclusions: %w", err)
	}
	return list, nil
}

// WriteInclusions replaces the list.
func WriteInclusions(dir Dir, list Inclusions) error {
	if err := writeList(dir, includeFile, includeHead, list); err != nil {
		return fmt.Errorf("inclusions: %w", err)
	}
	return nil
}

// Add returns the list with publishers or models added, each once.
func (x Inclusions) Add(names ...string) (Inclusions, error) {
	out := slices.Clone(x)
	for _, name := range names {
		if !isModelName(name) {
			return nil, fmt.Errorf("expected a publisher or a model on the hub (org or org/name), found %q", name)
		}
		if !out.has(name) {
			out = append(out, name)
		}
	}
	return out, nil
}

// has compares without regard to case, as the hub does.
func (x Inclusions) has(name string) bool {
	return slices.ContainsFunc(x, func(one string) bool { return strings.EqualFold(one, name) })
}

// isPublic reports whether the name of a model may be in an event: its publisher is known to publish for everybody, or the
// user has included it. Who can read a repository is not known here, and nobody is asked: a private one lies in the cache
// like any other. A public provider's own model has no publisher in its name.
func (x Inclusions) isPublic(f Facts) bool {
	publisher, _, published := strings.Cut(f.Model, "/")
	switch {
	case published:
		return hasFold(publicPublishers, publisher) || x.has(publisher) || x.has(f.Model)
	case f.Origin == OriginEndpoint:
		return true
	}
	return hasFold(publicModels, f.Model) || x.has(f.Model)
}

// MatchEvent reports whether a queued event may be sent under this list: it may have been queued when the list was longer.
func (x Inclusions) MatchEvent(e Event) bool {
	m := e.Metadata
	f := Facts{Origin: OriginEndpoint, Model: m.ModelName}
	if m.ModelSource == vocabulary.SourceHuggingFace || m.ModelSource == vocabulary.SourceSentenceTransformers {
		f.Origin = OriginHub
	}
	return m.ModelName == LocalModelName || x.isPublic(f)
}

// publisherOf is the first part of a model's name, all of it if it has no publisher.
func publisherOf(model string) string {
	publisher, _, _ := strings.Cut(model, "/")
	return publisher
}

func hasFold(list []string, s string) bool {
	_, found := slices.BinarySearch(list, strings.ToLower(s))
	return found
}

// withheldFile lists, in the data folder, the publishers whose models were named `local`, so that the user is asked once.
const withheldFile = "withheld.txt"

// maxWithheld bounds the list; past it nobody is asked any more.
const maxWithheld = 1000

// Withheld lists the publishers (or models without one) that events did not name because they are not known to be public,
// and that the user has not included since.
func Withheld(dir Dir) ([]string, error) {
	root, err := dir.openData(false)
	if err != nil {
		return nil, ignoreAbsent(err)
	}
	defer func() { _ = root.Close() }()
	list, err := readWithheld(root)
	if err != nil {
		return nil, err
	}
	included, err := ReadInclusions(dir)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, included.has), nil
}

func readWithheld(root *os.Root) ([]string, error) {
	data, err := readBounded(root, withheldFile, 1<<18)
	if err != nil {
		return nil, ignoreAbsent(err)
	}
	return slices.DeleteFunc(linesOf(data), func(s string) bool { return !isModelName(s) }), nil
}

// noteWithheld adds a publisher to the list, and reports whether it was not there yet. If two processes add at once one may
// be lost: it is asked about once more.
func noteWithheld(root *os.Root, publisher string) (added bool) {
	list, err := readWithheld(root)
	if err != nil || len(list) >= maxWithheld || slices.Contains(list, publisher) {
		return false
	}
	return writeLines(root, withheldFile, "", append(list, publisher)) == nil
}
