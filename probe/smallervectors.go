package probe

import "github.com/divinedevops/probe/detect"

// measureMatryoshka is how far vectors can be shortened.
func measureMatryoshka(b *battery) detect.Finding {
	return b.byTriplets(func(s *sentences) detect.Finding { return detect.Matryoshka(s.judged.scored) })
}

// measureQuantization is how coarsely vectors can be stored.
func measureQuantization(b *battery) detect.Finding {
	return b.byTriplets(func(s *sentences) detect.Finding { return detect.Quantization(s.judged.scored) })
}
