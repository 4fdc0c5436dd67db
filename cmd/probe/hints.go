package main

import (
	"strings"

	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/render"
	"github.com/divinedevops/probe/vocabulary"
)

// The library says what can be done in a word (vocabulary.Remedies, vocabulary.Reasons); which flag or command does it is
// known here only.

// remedyHints are what to do about a failure.
var remedyHints = map[string]string{
	vocabulary.RemedyInstallRuntime: "run `probe runtime install`",
	vocabulary.RemedyNameLibrary:    "name the library with --onnxruntime-lib",
	vocabulary.RemedyPureGo:         "run in pure Go with --backend go",
	vocabulary.RemedyONNXRuntime:    "run on ONNX Runtime with --backend onnxruntime",
	vocabulary.RemedyNameGraph:      "name the file with --onnx-file",
	vocabulary.RemedyNameTokenizer:  "name a tokenizer.json with --tokenizer",
	vocabulary.RemedyMoreTime:       "give it more time with --timeout",
	vocabulary.RemedyMoreMemory:     "give it more memory with --memory-limit, or use a smaller model",
	vocabulary.RemedyOtherDevice:    "choose another device with --device",
}

// reasonHints are what would measure a finding that has no value.
var reasonHints = map[string]string{
	vocabulary.ReasonQuick:        "leave out --quick",
	vocabulary.ReasonBudget:       "raise --budget",
	vocabulary.ReasonLengthBudget: "raise --length-budget",
	vocabulary.ReasonNoTokenizer:  "name a tokenizer.json with --tokenizer",
	vocabulary.ReasonAssumed:      "decide it with --pooling",
}

// hint is what can be done about a failure with these remedies; "" if nothing is known.
func hint(remedies []string) string {
	var all []string
	for _, r := range remedies {
		if h := remedyHints[r]; h != "" {
			all = append(all, h)
		}
	}
	return strings.Join(all, ", or ")
}

// hints are what a report for a person says.
func hints() render.Hints {
	return render.Hints{
		Reason:  func(code string) string { return reasonHints[code] },
		Failure: func(f *probe.Failure) string { return hint(f.Remedies) },
	}
}
