package detect

import "fmt"

// TripletSetEvidence says which triplets ran.
type TripletSetEvidence struct {
	Available int `json:"available"` // triplets there are, in all languages
	English   int `json:"english"`   // of those that ran
	Other     int `json:"other"`     // likewise, in the other languages
	Texts     int `json:"texts"`     // different sentences among them
	Tokens    int `json:"tokens"`    // of the sentences, without padding
	// Scored is the language that distance, isotropy and the smaller forms are measured in: "en", or "other" where
	// English is at chance and the other languages are not.
	Scored string `json:"scored"`
}

var _ = register(TripletSetEvidence{})

// Summary is what ran: "302 in English, 0 in other languages, of 422".
func (e TripletSetEvidence) Summary() string {
	return fmt.Sprintf("%d in English, %d in other languages, of %d", e.English, e.Other, e.Available)
}
