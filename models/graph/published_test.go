package graph

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPublishedConfigsAreRead: the options of well-known models, as their config.json writes them, are all honoured or
// known to be harmless; fail-closed must not shut them out. The weights are not here, so nothing is built.
func TestPublishedConfigsAreRead(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "configs", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("expected configurations in testdata/configs: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, image := range []bool{false, true} {
				c, err := parseConfig(data)
				if err != nil {
					t.Fatal(err)
				}
				fam, err := find(c)
				if err != nil {
					t.Fatal(err)
				}
				if image {
					var ok bool
					if fam, ok = imageFamilies[c.modelType]; !ok {
						continue
					}
				}
				fam.read(c)
				if err := c.finish(fam.inert); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
