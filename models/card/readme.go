package card

import (
	"bufio"
	"bytes"
	"strings"

	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/source"
)

const (
	readmeFile    = "README.md"
	maxReadme     = 1 << 20
	maxListValues = 200
	maxValue      = 200 // bytes of one value; a licence or a language is a word
)

// Readme is what README.md, the model card on the Hugging Face hub, states: prose for people with a YAML front matter
// (https://huggingface.co/docs/hub/model-cards). None of it is checked by anyone, so nothing depends on it.
type Readme struct {
	License   *Declared[string]
	Languages *Declared[[]string]
	// Name is the "org/name" that the usage example loads. It is a hint: a copied README names the original.
	Name *Declared[string]
}

func readReadme(root *folder.Root) Readme {
	if !root.Has(readmeFile) {
		return Readme{}
	}
	data, err := root.ReadFile(readmeFile, maxReadme)
	if err != nil {
		return Readme{} // it is prose; a model measures as well without
	}
	front := frontMatter(data)
	return Readme{License: single(front["license"]), Languages: front["language"], Name: usageName(data)}
}

func single(d *Declared[[]string]) *Declared[string] {
	if d == nil {
		return nil
	}
	return &Declared[string]{Value: d.Value[0], File: d.File, Key: d.Key}
}

// frontMatter reads the scalars and the plain lists at the top level of the YAML between the first two "---" lines. That
// is enough for the keys of interest; the rest (model-index and its like) is skipped.
func frontMatter(data []byte) map[string]*Declared[[]string] {
	out := map[string]*Declared[[]string]{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, maxReadme+1)
	if !lines.Scan() || strings.TrimSpace(lines.Text()) != "---" {
		return out
	}
	key := ""
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), " \t\r")
		if line == "---" {
			break
		}
		if item, ok := strings.CutPrefix(strings.TrimLeft(line, " "), "- "); ok && key != "" {
			addFront(out, key, item)
			continue
		}
		if line == "" || line[0] == ' ' || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if key = ""; !ok {
			continue
		}
		key = strings.TrimSpace(name)
		delete(out, key)
		value = strings.TrimSpace(value)
		if inner, ok := strings.CutPrefix(value, "["); ok {
			for _, item := range strings.Split(strings.TrimSuffix(inner, "]"), ",") {
				addFront(out, key, item)
			}
		} else {
			addFront(out, key, value)
		}
	}
	return out
}

func addFront(out map[string]*Declared[[]string], key, value string) {
	value = strings.Trim(strings.TrimSpace(value), `"'`)
	if value == "" || value == "|" || value == ">" || len(value) > maxValue {
		return
	}
	if out[key] == nil {
		out[key] = &Declared[[]string]{File: readmeFile, Key: key}
	}
	if len(out[key].Value) < maxListValues {
		out[key].Value = append(out[key].Value, value)
	}
}

// usageName finds SentenceTransformer("org/name") in the usage example.
func usageName(data []byte) *Declared[string] {
	const call = "SentenceTransformer("
	for {
		i := bytes.Index(data, []byte(call))
		if i < 0 {
			return nil
		}
		data = data[i+len(call):]
		if len(data) < 3 || data[0] != '"' && data[0] != '\'' {
			continue
		}
		end := bytes.IndexByte(data[1:], data[0])
		if end < 0 || end > 200 {
			continue
		}
		name := string(data[1 : 1+end])
		if strings.Contains(name, "/") && source.IsHubName(name) {
			return &Declared[string]{Value: name, File: readmeFile}
		}
	}
}
