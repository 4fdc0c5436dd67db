package emit

import (
	"slices"

	"github.com/divinedevops/probe/vocabulary"
)

// Every text in an event but model_name, model_version, app_version and client_type is a word of package vocabulary. What a
// model's files say in other words becomes `other` (or null if the field has no such word): a text that somebody made up
// cannot pass.

// oneOf is s if list has it, else null.
func oneOf(s string, list []string) *string {
	if i := slices.Index(list, s); i >= 0 {
		return &list[i]
	}
	return nil
}

// oneOfElse is oneOf with a word for what is known but not listed; unknown ("") stays null.
func oneOfElse(s string, list []string, other string) *string {
	if s == "" {
		return nil
	}
	if found := oneOf(s, list); found != nil {
		return found
	}
	return &other
}

// oneOfOther is oneOfElse for the fields that have the word `other`.
func oneOfOther(s string, list []string) *string { return oneOfElse(s, list, vocabulary.Other) }

// listed keeps what is in list, in its order, each once; never nil, so that it is [] and not null in JSON.
func listed(values, list []string) []string {
	out := []string{}
	for _, value := range list {
		if slices.Contains(values, value) {
			out = append(out, value)
		}
	}
	return out
}
