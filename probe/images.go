package probe

import (
	"context"
	"fmt"
	"image"
	"time"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/models/pixels"
)

// The names of modalities, as the report and the event give them.
const (
	modalityText  = "text"
	modalityImage = "image"
)

// pictureGroup is how many pictures run in one batch; imageBudget is how long all of them may take, as estimated from the
// first batch. Those of a large tower in pure Go take seconds each, and what they tell beyond the first few is the
// agreement alone.
const (
	pictureGroup = 4
	imageBudget  = 20 * time.Second
)

// images runs the image side of a model that has one, and tells the modalities. A side that fails is no failure of the
// probe as long as the other one works.
func (b *battery) images(ctx context.Context) error {
	b.image = detect.ModalityRun{Modality: modalityImage, Reason: "the graph takes no pixels"}
	agreement := detect.Finding{Reason: "the model takes no pictures"}
	if !b.e.Facts.Text {
		agreement.Reason = "the model takes no texts"
	}
	if b.e.HasImages() {
		seen := b.see(ctx)
		if seen.err != nil && (b.together == nil || ctx.Err() != nil) {
			return seen.err
		}
		b.image.Vectors, b.image.Reason = seen.vectors, ""
		if seen.err != nil {
			b.image.Reason = seen.err.Error()
		}
		var err error
		if agreement, err = b.agreement(ctx, seen); err != nil {
			return err
		}
	}
	if b.together == nil && b.image.Vectors != nil {
		// Only images: what needs no text is measured on them.
		if err := b.checkFinite(b.image.Vectors); err != nil {
			return err
		}
		b.findings["embedding_dimension"] = detect.Dimension(b.image.Vectors)
		b.findings["normalization"] = detect.Normalization(b.image.Vectors, b.dtype)
		b.findings["distance_metric"] = detect.Distance(b.image.Vectors, b.dtype)
	}
	b.findings["modalities"] = detect.Modalities([]detect.ModalityRun{b.text, b.image})
	b.findings["text_image_agreement"] = agreement
	return nil
}

// sight is what came of showing a model the pictures.
type sight struct {
	pictures []detect.Picture
	// vectors are those of the first pictures, all of them where the budget allowed it.
	vectors [][]float32
	// file says how pictures become pixels; foreign says why what it says could not be done and the usual way was taken.
	file, foreign string
	err           error
}

// see shows the model the pictures.
func (b *battery) see(ctx context.Context) sight {
	s := sight{pictures: detect.Pictures()}
	p, err := b.e.Processor(ctx)
	switch {
	case err != nil:
		// What the pixels mean is not known, but that they reach the vectors can be shown all the same.
		s.foreign = err.Error()
		if p, s.err = b.e.StandardProcessor(ctx); s.err != nil {
			return s
		}
	case b.e.Card.Preprocessor != nil:
		s.file = b.e.Card.Preprocessor.File
	}
	shown := make([]image.Image, len(s.pictures))
	for i, picture := range s.pictures {
		shown[i] = picture.Image
	}
	values, err := models.Preprocess(p, shown)
	if err != nil {
		s.err = err
		return s
	}
	s.vectors, s.err = b.look(ctx, values)
	return s
}

// look runs pictures in groups until they are through or would take longer than imageBudget.
func (b *battery) look(ctx context.Context, values []*pixels.Pixels) ([][]float32, error) {
	var out [][]float32
	began := b.now()
	for len(out) < len(values) {
		took := b.now().Sub(began)
		if n := len(out); n > 0 && took/time.Duration(n)*time.Duration(len(values)) > imageBudget {
			break
		}
		part, err := b.e.EncodePixels(ctx, values[len(out):min(len(out)+pictureGroup, len(values))])
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

// agreement compares the pictures with their captions. What keeps a model from being asked is the finding's reason; an error
// is of running the captions, as that of any text.
func (b *battery) agreement(ctx context.Context, s sight) (detect.Finding, error) {
	reason := ""
	switch {
	case b.together == nil:
		reason = "the model takes no texts"
	case !b.e.HasTokenizer():
		reason = "the model has no tokenizer, so it cannot read captions"
	case s.err != nil:
		reason = "the image side failed: " + s.err.Error()
	case s.foreign != "":
		reason = "the model cannot be shown pictures as it was trained to see them: " + s.foreign
	case len(s.vectors) < len(s.pictures):
		reason = fmt.Sprintf("all %d pictures would have taken longer than %v", len(s.pictures), imageBudget)
	}
	if reason != "" {
		return detect.Finding{Reason: reason}, nil
	}
	captions := make([]string, len(s.pictures))
	for i, p := range s.pictures {
		captions[i] = p.Caption
	}
	tokens, err := b.e.Tokenize(captions, b.e.Card.DefaultPrompt())
	if err != nil {
		return detect.Finding{}, err
	}
	texts, err := b.e.Encode(ctx, tokens)
	if err != nil {
		return detect.Finding{}, err
	}
	return detect.TextImageAgreement(detect.TextImageInput{
		Pictures: s.pictures, Texts: texts.Vectors, Images: s.vectors, Preprocessing: s.file,
	}), nil
}
