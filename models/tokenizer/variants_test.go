package tokenizer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/divinedevops/probe/models/tokenizer"
)

// TestVariants takes every field out of every committed tokenizer, one at a time, sets it to null, and turns what is
// true or false around: whether the library reads the file then, and what it makes of texts, is what we must do. Files
// by other versions and other writers are like that.
func TestVariants(t *testing.T) {
	t.Parallel()
	pool := drivers(t)
	seen := map[string]bool{}
	for _, folder := range []string{"models"} {
		for _, name := range names(t, folder) {
			data := readGzip(t, fixture(folder, name+".json.gz"))
			// A component that another file has just so has been tried.
			var fresh []variant
			for _, v := range variantsOf(t, data) {
				if !seen[v.what] {
					seen[v.what] = true
					fresh = append(fresh, v)
				}
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				d := <-pool
				defer func() { pool <- d }()
				for _, v := range fresh {
					compareVariant(t, d, v)
				}
			})
		}
	}
}

type variant struct {
	what string
	data string
}

// variantsOf changes one field at a time in all parts but the vocabulary.
func variantsOf(t *testing.T, data []byte) []variant {
	t.Helper()
	var root map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&root); err != nil {
		t.Fatal(err)
	}
	var all []variant
	add := func(what string) {
		changed, err := json.Marshal(root)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, variant{what, string(changed)})
	}
	var walk func(part any, path string)
	walk = func(part any, path string) {
		switch part := part.(type) {
		case map[string]any:
			if _, typed := part["type"]; !typed && path == "model" {
				return // the library tries all models until one fits
			}
			text, _ := json.Marshal(withoutVocabulary(part))
			for _, key := range slices.Sorted(maps.Keys(part)) {
				if ignored[key] || path == "special_tokens" {
					continue
				}
				old := part[key]
				here := fmt.Sprintf("%s of %s %.300s", key, path, text)
				delete(part, key)
				add("without " + here)
				part[key] = nil
				add("null for " + here)
				if is, ok := old.(bool); ok {
					part[key] = !is
					add("the other " + here)
				}
				part[key] = old
				if key != "vocab" && key != "merges" && key != "added_tokens" {
					walk(old, key)
				}
			}
		case []any:
			for _, element := range part {
				walk(element, path)
			}
		}
	}
	walk(root, "")
	if tokens, ok := root["added_tokens"].([]any); ok && len(tokens) > 0 {
		walk(tokens[0], "added token")
	}
	return all
}

// ignored are fields that Encode does not need (we read files whose decoder the library would refuse), and "type",
// without which the library tries all of a kind until one fits. (Nor do we read a template whose tokens are not all
// defined; the library fails when it gets to them.)
var ignored = map[string]bool{"decoder": true, "version": true, "type": true}

func withoutVocabulary(part map[string]any) map[string]any {
	short := maps.Clone(part)
	for _, key := range []string{"vocab", "merges", "added_tokens", "model", "precompiled_charsmap"} {
		if _, ok := short[key]; ok {
			short[key] = "..."
		}
	}
	return short
}

// compareVariant holds us to every file that the library reads. We may read more: the library refuses null where a
// field may be absent.
func compareVariant(t *testing.T, d *driver, v variant) {
	t.Helper()
	if err := d.load("parse", v.data); err != nil {
		return
	}
	m := newMaker(v.what, nil)
	tok, refusal := tokenizer.Parse([]byte(v.data))
	if refusal == nil {
		m.tokens = someTokens(tok)
	}
	queries := make([]query, 12)
	for i := range queries {
		queries[i].text = m.text()
		if i%4 == 3 {
			pair := m.text()
			queries[i].pair = &pair
		}
	}
	how := manner{special: true}
	want, err := d.digests(queries, how)
	if err != nil {
		t.Fatal(err)
	}
	if refusal != nil {
		// The library reads some files that it cannot use: a template with a token that it does not define.
		if slices.ContainsFunc(want, func(digest string) bool { return digest != failed }) {
			t.Errorf("%s: %v; the library reads it", v.what, refusal)
		}
		return
	}
	for i, q := range queries {
		if digest(tok.Encode(q.text, how.options(q))) != want[i] {
			t.Errorf("%s", v.what)
			reportMismatch(t, d, tok, q, how)
			return
		}
	}
}
