package probe

import "github.com/divinedevops/probe/detect"

// measureIsotropy is how the vectors of different sentences spread over the directions.
func measureIsotropy(b *battery) detect.Finding {
	return b.byTriplets(func(s *sentences) detect.Finding { return detect.Isotropy(s.judged.scored) })
}
