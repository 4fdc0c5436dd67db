// Package pooling turns token states into one vector a text, as sentence-transformers does it.
//
// It is pure arithmetic: numbers in, numbers out, no file and no engine. The source of every rule is the module
// sentence_transformers/sentence_transformer/modules/pooling.py of sentence-transformers 6.2; testdata/pooling holds
// what that module returned under PyTorch, and the tests compare with it.
package pooling

import (
	"strings"

	"github.com/divinedevops/probe/models/failure"
)

// Mode is one way to pool, under the name that sentence-transformers uses in 1_Pooling/config.json.
type Mode string

// The pooling modes of sentence-transformers.
const (
	// CLS takes the state of the first token that the mask keeps.
	CLS Mode = "cls"
	// Max takes the largest value of each component over the kept tokens.
	Max Mode = "max"
	// Mean is the sum over the kept tokens divided by their number.
	Mean Mode = "mean"
	// MeanSqrtLen is the same sum divided by the square root of their number.
	MeanSqrtLen Mode = "mean_sqrt_len_tokens"
	// WeightedMean weighs the tokens 1, 2, 3, ... from the first that is not padding (SGPT, arXiv:2202.08904).
	WeightedMean Mode = "weightedmean"
	// LastToken takes the state of the last token that the mask keeps.
	LastToken Mode = "lasttoken"
)

// Modes lists every mode in the order in which sentence-transformers concatenates modes that are switched on by the old
// boolean keys.
func Modes() []Mode {
	return []Mode{CLS, Max, Mean, MeanSqrtLen, WeightedMean, LastToken}
}

// ParseMode reads a mode's name as pooling_mode spells it. The error lists the names that are known.
func ParseMode(name string) (Mode, error) {
	known := make([]string, 0, 6)
	for _, m := range Modes() {
		if string(m) == name {
			return m, nil
		}
		known = append(known, string(m))
	}
	return "", failure.Errorf(failure.StageLoad, failure.KindInvalidConfig,
		"pooling mode: expected one of %s, found %q", strings.Join(known, ", "), name)
}

// legacyKeys are the boolean keys that 1_Pooling/config.json had before pooling_mode.
var legacyKeys = map[Mode]string{
	CLS:          "pooling_mode_cls_token",
	Max:          "pooling_mode_max_tokens",
	Mean:         "pooling_mode_mean_tokens",
	MeanSqrtLen:  "pooling_mode_mean_sqrt_len_tokens",
	WeightedMean: "pooling_mode_weightedmean_tokens",
	LastToken:    "pooling_mode_lasttoken",
}

// FromLegacy returns the modes that the old boolean keys of 1_Pooling/config.json switch on, in concatenation order. Where
// such keys are there but none is true, sentence-transformers falls back to mean, and so does this; with none of the
// keys at all the result is nil, because then the file declares nothing.
func FromLegacy(flags map[string]bool) []Mode {
	var modes []Mode
	seen := false
	for _, m := range Modes() {
		on, there := flags[legacyKeys[m]]
		seen = seen || there
		if on {
			modes = append(modes, m)
		}
	}
	if seen && modes == nil {
		return []Mode{Mean}
	}
	return modes
}
