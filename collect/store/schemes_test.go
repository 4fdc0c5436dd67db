package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/collect/record"
	"github.com/divinedevops/probe/collect/store/storetest"
)

// toy is a store in memory: what it takes to add one is here and in TestToyStore's table.
type toy struct {
	location string
	records  []record.Record
}

func (s *toy) Put(_ context.Context, r record.Record) (bool, error) {
	s.records = append(s.records, r)
	return true, nil
}

func (s *toy) Read(_ context.Context, _ record.Cursor, each func(record.Entry) error) (record.Cursor, error) {
	for _, r := range s.records {
		if err := each(record.Entry{Record: r}); err != nil {
			return "", err
		}
	}
	return "end", nil
}

func (s *toy) Ready(context.Context) error { return nil }
func (s *toy) Close() error                { return nil }

func TestToyStore(t *testing.T) {
	t.Parallel()
	var made toy
	table := append(Default(),
		Scheme{
			Names: []string{"toy"}, Example: "toy:NAME",
			Sink:   func(_ context.Context, at string, _ Options) (Sink, error) { made.location = at; return &made, nil },
			Source: func(context.Context, string, Options) (Source, error) { return &made, nil },
		},
		Scheme{
			Names: []string{"hole"}, Example: "hole:",
			Sink: func(context.Context, string, Options) (Sink, error) { return &made, nil },
		})
	ctx := context.Background()
	sink, err := table.OpenSink(ctx, "TOY:box", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sink.Put(ctx, storetest.Event("c", "id")); err != nil || made.location != "TOY:box" {
		t.Errorf("%v, opened %q", err, made.location)
	}
	source, err := table.OpenSource(ctx, "toy:box", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range Records(ctx, source, nil) {
		if err != nil || r.EventID != "id" {
			t.Errorf("%v, %v", r, err)
		}
	}
	if _, err := table.OpenSource(ctx, "hole:x", Options{}); !errors.Is(err, ErrLocation) || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("a store that cannot be read: %v", err)
	}
	if _, err := Default().OpenSink(ctx, "toy:box", Options{}); !errors.Is(err, ErrLocation) {
		t.Errorf("the table that ships has changed: %v", err)
	}
}

func TestLocations(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for location, want := range map[string]string{
		dir + "/plain":               "plain",
		"ndjson:" + dir + "/scheme":  "scheme",
		"NDJSON://" + dir + "/slash": "slash",
		dir + "/with:colon":          "with:colon",
	} {
		sink, err := Default().OpenSink(context.Background(), location, Options{})
		if err != nil {
			t.Errorf("%s: %v", location, err)
			continue
		}
		_ = sink.Close()
		if info, err := os.Stat(filepath.Join(dir, want)); err != nil || !info.IsDir() {
			t.Errorf("%s: no folder %s: %v", location, want, err)
		}
	}
	for _, location := range []string{"mysql://host/x", "sqlite:x", "postgress://host/x", "", "ndjson:", "postgres:"} {
		if sink, err := Default().OpenSink(context.Background(), location, Options{}); !errors.Is(err, ErrLocation) || sink != nil ||
			!strings.Contains(err.Error(), "ndjson:FOLDER, postgres://USER:PASSWORD@HOST/DATABASE") {
			t.Errorf("%q: %v", location, err)
		}
	}
	for location, want := range map[string]string{
		`C:\events`: "ndjson", "./a:b": "ndjson", "host=/tmp dbname=x": "postgres", "postgresql://host/x": "postgres",
		"postgres:host=/tmp dbname=x": "postgres", "events": "ndjson",
	} {
		if s, err := Default().find(location); err != nil || s.Names[0] != want {
			t.Errorf("%q: %v, %v, want %s", location, s.Names, err, want)
		}
	}
}
