package detect

import "fmt"

// AgreementYes is the value of TextImageAgreement where captions and images find each other.
const AgreementYes = "agree"

// agreementLevel is the probability below which a relabelling test counts.
const agreementLevel = 0.01

// Retrieval is how often the nearest of the other kind was the right one. Ties share: with two nearest of which one is
// right, it is half right.
type Retrieval struct {
	Right    float64 `json:"right"`
	Of       int     `json:"of"`
	Accuracy float64 `json:"accuracy"`
	// Interval is exact (Clopper and Pearson), for the whole part of Right.
	Interval Interval `json:"interval"`
	Chance   float64  `json:"chance"`
	// P is the exact binomial probability of as many or more by chance.
	P float64 `json:"p"`
}

// TextImageEvidence is what TextImageAgreement rests on.
type TextImageEvidence struct {
	TextDimension  int  `json:"text_dimension"`
	ImageDimension int  `json:"image_dimension"`
	OneSpace       bool `json:"one_space"`
	// Texts are images found by captions, Images captions found by images.
	Texts  *Retrieval `json:"image_for_text,omitempty"`
	Images *Retrieval `json:"text_for_image,omitempty"`
	// Colour and Shape count where, both ways together, at least that much of what was found was right.
	Colour *Retrieval `json:"colour,omitempty"`
	Shape  *Retrieval `json:"shape,omitempty"`
	// Relabellings is the number of ways to rename colours and shapes, and P the share of them under which as much or more
	// would be right.
	Relabellings int     `json:"relabellings,omitempty"`
	P            float64 `json:"p,omitempty"`
	// MeanMatched and MeanOther are mean cosines of captions with their own image and with the others.
	MeanMatched float64 `json:"mean_cosine_matched"`
	MeanOther   float64 `json:"mean_cosine_other"`
	// Preprocessing is the file that says how images become pixels; "" where the usual way was assumed.
	Preprocessing string `json:"preprocessing"`
}

var _ = register(TextImageEvidence{})

// Summary is how many captions found their image, and how many images their caption: "16 and 15.5 of 16 found".
func (e TextImageEvidence) Summary() string {
	if e.Texts == nil || e.Images == nil {
		return ""
	}
	return fmt.Sprintf("%.3g and %.3g of %d found", e.Texts.Right, e.Images.Right, e.Texts.Of)
}

// TextImageInput are the vectors of Pictures and their captions, in one order.
type TextImageInput struct {
	Pictures      []Picture
	Texts, Images [][]float32
	// Preprocessing goes to the evidence.
	Preprocessing string
}

// TextImageAgreement measures whether a model's texts and images share one space: captions look for their images and
// images for their captions, by cosine. Value is AgreementYes where both ways are above chance beyond their exact 95 %
// interval and where renaming the colours and shapes - which keeps whatever structure the vectors have - brings as much
// together in less than 1 % of all ways; else nil, "undetermined". Confidence is the rule of succession over both ways.
//
// Renaming is an exact permutation test (Fisher 1935): a model that tells colours apart in both towers, without the towers
// having met, may match several images at once by luck, which a binomial test of independent images would not expect.
func TextImageAgreement(in TextImageInput) Finding {
	e := TextImageEvidence{Preprocessing: in.Preprocessing}
	n := len(in.Pictures)
	if n < 2 || len(in.Texts) != n || len(in.Images) != n {
		return undetermined(e, "there are no vectors of captions and of images to compare")
	}
	e.TextDimension, e.ImageDimension = len(in.Texts[0]), len(in.Images[0])
	e.OneSpace = e.TextDimension == e.ImageDimension
	switch {
	case !sameWidth(in.Texts) || !sameWidth(in.Images):
		return undetermined(e, "the vectors differ in length")
	case !e.OneSpace:
		return undetermined(e, fmt.Sprintf("texts have %d dimensions and images %d: they share no space",
			e.TextDimension, e.ImageDimension))
	case !allFinite(in.Texts) || !allFinite(in.Images):
		return undetermined(e, nonFinite)
	}
	m := matchOf(in)
	e.fill(m)
	right := e.Texts.Right + e.Images.Right
	if e.P >= agreementLevel || e.Texts.Interval.Low <= e.Texts.Chance || e.Images.Interval.Low <= e.Images.Chance {
		return undetermined(e, fmt.Sprintf("undetermined: %.3g of %d captions and %.3g of %d images found their other half, "+
			"1 of each is chance", e.Texts.Right, n, e.Images.Right, n))
	}
	return Finding{Value: AgreementYes, Confidence: (right + 1) / float64(2*n+2), Evidence: e}
}
