package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"

	"github.com/divinedevops/probe/collect/store/ndjson"
	"github.com/divinedevops/probe/collect/store/postgres"
)

// Scheme is one kind of store.
type Scheme struct {
	Names   []string                   // what stands before the colon of a URL; the first one is shown to users
	Example string                     // a URL as users write it
	Matches func(location string) bool // recognizes locations without a scheme; may be nil

	// Sink opens the store for writing, Source for reading. The location is all of what the user wrote. Nil where a
	// store can be only read or only written.
	Sink   func(ctx context.Context, location string, o Options) (Sink, error)
	Source func(ctx context.Context, location string, o Options) (Source, error)
}

// Options are for the stores that know them; zero values are defaults.
type Options struct {
	SegmentBytes int64        // the size at which a store of files begins a new one
	Log          *slog.Logger // of what happens while the store is open; nil for none
}

// Schemes is a table of the known kinds of stores. A location that has no scheme and that nothing recognizes belongs to
// the first.
type Schemes []Scheme

// Default returns the table of the stores that the collector ships with: a new store is a folder and a line here.
func Default() Schemes {
	return Schemes{ndjsonScheme, postgresScheme}
}

var ndjsonScheme = Scheme{
	Names: []string{"ndjson"}, Example: "ndjson:FOLDER",
	Sink: func(_ context.Context, location string, o Options) (Sink, error) {
		return open(ndjson.Open(ndjson.Folder(location), ndjson.Options{SegmentBytes: o.SegmentBytes, Log: o.Log}))
	},
	Source: func(_ context.Context, location string, _ Options) (Source, error) {
		return ndjson.NewReader(ndjson.Folder(location)), nil
	},
}

var postgresScheme = Scheme{
	Names: []string{"postgres", "postgresql"}, Example: "postgres://USER:PASSWORD@HOST/DATABASE",
	Matches: postgres.IsKeywords,
	Sink: func(ctx context.Context, location string, _ Options) (Sink, error) {
		return open(postgres.Open(ctx, location))
	},
	Source: func(ctx context.Context, location string, _ Options) (Source, error) {
		s, err := postgres.Open(ctx, location)
		if err != nil {
			return nil, err
		}
		return s, nil
	},
}

// open keeps a nil pointer from becoming a Sink that is not nil.
func open[S Sink](s S, err error) (Sink, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// ErrLocation wraps what is wrong with a location as it was written, before anything was opened.
var ErrLocation = errors.New("store")

// OpenSink opens a store for writing.
func (t Schemes) OpenSink(ctx context.Context, location string, o Options) (Sink, error) {
	s, err := t.find(location)
	if err != nil {
		return nil, err
	}
	if s.Sink == nil {
		return nil, fmt.Errorf("%w: %s: stores cannot be written", ErrLocation, s.Names[0])
	}
	return s.Sink(ctx, location, o)
}

// OpenSource opens a store for reading.
func (t Schemes) OpenSource(ctx context.Context, location string, o Options) (Source, error) {
	s, err := t.find(location)
	if err != nil {
		return nil, err
	}
	if s.Source == nil {
		return nil, fmt.Errorf("%w: %s: stores cannot be read", ErrLocation, s.Names[0])
	}
	return s.Source(ctx, location, o)
}

// Examples lists the locations that users can write, for help texts and errors.
func (t Schemes) Examples() string {
	var out []string
	for _, s := range t {
		out = append(out, s.Example)
	}
	return strings.Join(out, ", ")
}

// scheme has two letters at least: C:\folder is a path.
var scheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]+):`)

func (t Schemes) find(location string) (Scheme, error) {
	if i := strings.IndexByte(location, ':'); location == "" || i == len(location)-1 {
		return Scheme{}, fmt.Errorf("%w: expected a folder or one of %s, found %q", ErrLocation, t.Examples(), location)
	}
	for _, s := range t {
		if s.Matches != nil && s.Matches(location) {
			return s, nil
		}
	}
	found := scheme.FindStringSubmatch(location)
	if found == nil {
		return t[0], nil
	}
	for _, s := range t {
		if slices.Contains(s.Names, strings.ToLower(found[1])) {
			return s, nil
		}
	}
	return Scheme{}, fmt.Errorf("%w: unknown scheme %q: expected a folder or one of %s; write ./%[2]s:... for a folder of that name",
		ErrLocation, found[1], t.Examples())
}
