package probe

import (
	"strings"

	"github.com/divinedevops/probe/models"
)

// promptFamily is a kind of models that were trained with prompts.
type promptFamily struct {
	name    string
	matches []string // parts of a lower-case model name, all of which must be there
	prompts map[string]string
}

// promptFamilies are those whose authors ask for prompts on their model cards, the more special names first.
func promptFamilies() []promptFamily {
	instruct := map[string]string{
		"query": "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ",
	}
	search := map[string]string{"query": "Represent this sentence for searching relevant passages: "}
	return []promptFamily{
		{"e5-instruct", []string{"e5-", "instruct"}, instruct},
		{"e5-mistral", []string{"e5-mistral"}, instruct},
		{"e5", []string{"e5-"}, map[string]string{"query": "query: ", "passage": "passage: "}},
		{"gte-instruct", []string{"gte-", "instruct"}, instruct},
		{"qwen3-embedding", []string{"qwen3-embedding"}, instruct},
		{"bge-en", []string{"bge-", "-en"}, search},
		{"mxbai", []string{"mxbai-embed-large"}, search},
		{"arctic-embed", []string{"snowflake-arctic-embed"}, search},
		{"nomic", []string{"nomic-embed-text"}, map[string]string{
			"query": "search_query: ", "document": "search_document: ",
		}},
		{"embeddinggemma", []string{"embeddinggemma"}, map[string]string{
			"query": "task: search result | query: ", "document": "title: none | text: ",
		}},
	}
}

// findFamily looks a model's family up by its names, and returns where the name stands.
func findFamily(names []models.Name) (family *promptFamily, where string) {
	for _, n := range names {
		name := strings.ToLower(n.Value)
		name = name[strings.LastIndexByte(name, '/')+1:]
		for _, f := range promptFamilies() {
			if f.is(name) {
				return &f, n.Where
			}
		}
	}
	return nil, ""
}

// is reports whether a name has all parts of the family's, the first at the beginning of a word.
func (f promptFamily) is(name string) bool {
	for i, part := range f.matches {
		at := strings.Index(name, part)
		if at < 0 || i == 0 && at > 0 && name[at-1] != '-' && name[at-1] != '_' {
			return false
		}
	}
	return true
}
