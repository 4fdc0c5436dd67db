package detect

import (
	_ "embed" // for the triplets
	"encoding/json"
	"fmt"
)

//go:embed triplets.json
var tripletsJSON []byte

// Triplet is three sentences of one language: an anchor, a paraphrase of it that shares few words, and another sentence
// that looks as much like the anchor to somebody who understands neither.
type Triplet struct {
	Language   string `json:"language"` // ISO 639-1
	Anchor     string `json:"anchor"`
	Paraphrase string `json:"paraphrase"`
	Other      string `json:"other"`
}

// Triplets gives the committed triplets: 302 in English, then 10 each in 12 more languages. They are made by
// testdata/triplets/make.py, which balances shared words, shared letters and length between paraphrase and other, so
// that a bag of words and a model of random weights score about 0.5. The error can only be a fault of the build.
func Triplets() ([]Triplet, error) {
	var t []Triplet
	if err := json.Unmarshal(tripletsJSON, &t); err != nil {
		return nil, fmt.Errorf("the embedded triplets: %w", err)
	}
	return t, nil
}

// TripletVectors are the vectors of one Triplet, of one length.
type TripletVectors struct {
	Anchor, Paraphrase, Other []float32
}

// unusableTriplets says why triplets cannot be scored, or "".
func unusableTriplets(triplets []TripletVectors) string {
	var all [][]float32
	for _, t := range triplets {
		all = append(all, t.Anchor, t.Paraphrase, t.Other)
	}
	switch {
	case len(triplets) < 2:
		return "there are fewer than two triplets"
	case !sameWidth(all):
		return "the vectors differ in length"
	case !allFinite(all):
		return nonFinite
	}
	return ""
}

// outcome counts on which triplets a similarity puts the paraphrase before the other.
type outcome struct {
	scores []float64 // per triplet 1, 0, or 0.5 for a tie
	right  float64
}

// score compares anchor and paraphrase with anchor and other; a larger similarity is more alike.
func score(triplets []TripletVectors, similarity func(a, b []float32) float64) outcome {
	o := outcome{scores: make([]float64, len(triplets))}
	for i, t := range triplets {
		p, q := similarity(t.Anchor, t.Paraphrase), similarity(t.Anchor, t.Other)
		switch {
		case p > q:
			o.scores[i] = 1
		case p == q:
			o.scores[i] = 0.5
		}
		o.right += o.scores[i]
	}
	return o
}

func (o outcome) accuracy() float64 { return o.right / float64(len(o.scores)) }

func (o outcome) interval() Interval { return wilson(o.right, len(o.scores)) }

// chance is the sign test of right against wrong, ties left out.
func (o outcome) chance() float64 {
	right, wrong := 0, 0
	for _, s := range o.scores {
		switch s {
		case 1:
			right++
		case 0:
			wrong++
		}
	}
	return signTest(right, wrong)
}

// against counts the triplets on which o does better than p, and worse.
func (o outcome) against(p outcome) (better, worse int) {
	for i, s := range o.scores {
		switch {
		case s > p.scores[i]:
			better++
		case s < p.scores[i]:
			worse++
		}
	}
	return better, worse
}

// TripletTexts lists the different sentences of triplets, in the order of their first use, and where each triplet's
// anchor, paraphrase and other stand in the list. Every other is a sentence of another pair, so a model runs on two
// sentences a triplet, not three.
func TripletTexts(triplets []Triplet) (texts []string, places [][3]int) {
	at := map[string]int{}
	place := func(s string) int {
		i, ok := at[s]
		if !ok {
			i = len(texts)
			at[s] = i
			texts = append(texts, s)
		}
		return i
	}
	for _, t := range triplets {
		places = append(places, [3]int{place(t.Anchor), place(t.Paraphrase), place(t.Other)})
	}
	return texts, places
}
