package probe

import "github.com/divinedevops/probe/detect"

// measureLanguages is in which languages the model tells paraphrases from other sentences.
func measureLanguages(b *battery) detect.Finding {
	return b.byTriplets(func(s *sentences) detect.Finding { return detect.Languages(s.byLanguage()) })
}

// byLanguage groups the triplets.
func (s *sentences) byLanguage() []detect.LanguageTriplets {
	var out []detect.LanguageTriplets
	seen := map[string]bool{}
	for _, t := range s.triplets {
		if seen[t.Language] {
			continue
		}
		seen[t.Language] = true
		out = append(out, detect.LanguageTriplets{Language: t.Language,
			Vectors: s.of(s.vectors, func(language string) bool { return language == t.Language })})
	}
	return out
}
