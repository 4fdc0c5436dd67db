package detect

import "fmt"

// BehaviourEquivalent is the value of DistanceBehaviour where cosine, dot and euclidean rank alike.
const BehaviourEquivalent = "equivalent"

// DistanceBehaviour is what the metrics are worth on the triplets, from the finding of DistanceByTriplets. Value is
// "equivalent" where the metrics rank alike, or the metric that is significantly best; nil, undetermined, where no metric
// is above chance - metrics of a model that knows no language can be equivalent, but none is good for anything - or none
// is significantly best. Confidence is that of byTriplets, for "equivalent" times the share of triplets it gets right
// beyond chance.
func DistanceBehaviour(byTriplets Finding) Finding {
	e, ok := byTriplets.Evidence.(TripletEvidence)
	if !ok || len(e.Metrics) == 0 {
		return undetermined(byTriplets.Evidence, byTriplets.Reason)
	}
	best := e.best()
	switch {
	case best.Chance >= chanceLevel || best.Accuracy <= 0.5:
		return undetermined(e, fmt.Sprintf("undetermined: no metric is above chance on %d triplets (best accuracy %.2f)",
			e.Triplets, best.Accuracy))
	case len(e.EquivalentMetrics) > 0:
		return Finding{Value: BehaviourEquivalent, Confidence: byTriplets.Confidence * (2*best.Accuracy - 1), Evidence: e}
	}
	return byTriplets
}
