package detect

import "github.com/divinedevops/probe/internal/grammar"

// EndEvidence is what an end of a model's input rests on: longer sequences do not run at all.
type EndEvidence struct {
	LongestRun      int    `json:"longest_run"`      // tokens of the longest sequence that ran
	ShortestFailure int    `json:"shortest_failure"` // tokens of the shortest that failed
	Runs            int    `json:"runs"`             // sequences tried
	Cause           string `json:"cause"`            // what the engine said of the longest one
}

var _ = register(EndEvidence{})

// Summary is where longer sequences fail: "fails on 129 tokens".
func (e EndEvidence) Summary() string {
	return "fails on " + grammar.Plural(e.ShortestFailure, "token")
}

// EndOfInput is the max_sequence_length of a model that fails on longer sequences, where its files let them through: the
// longest sequence that ran. Value is nil if the two lengths do not meet, because then the end lies somewhere between.
// Confidence: the rule of succession over the runs.
func EndOfInput(runs, fails, attempts int, cause string) Finding {
	e := EndEvidence{LongestRun: runs, ShortestFailure: fails, Runs: attempts, Cause: cause}
	if runs+1 != fails {
		return undetermined(e, "the search for the longest sequence that runs did not end")
	}
	return Finding{Value: runs, Confidence: agreement(attempts, attempts), Evidence: e,
		Reason: "longer sequences fail"}
}
