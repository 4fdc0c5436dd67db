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

// imageGroup is how many images run in one batch; imageBudget is how much CPU time all of them may take, as estimated from the
// first batch. Those of a large tower in pure Go take seconds each, and what they tell beyond the first few is the
// agreement alone.
const (
	imageGroup  = 4
	imageBudget = 40 * time.Second
)

// imageRun is what came of showing a model the images.
type imageRun struct {
	images []detect.Picture
	// vectors are those of the first images, all of them if the budget allowed it.
	vectors [][]float32
	// captions are the vectors of the images' captions; nil with noCaptions, the reason.
	captions   [][]float32
	noCaptions string
	// file declares how images become pixels; foreign is why what it declares could not be done and the usual way was taken.
	file, foreign string
	err           error
}

// runImages shows the images to a model that takes some, and has it read their captions. An image side that fails is no
// failure of the probe as long as the text side works.
func (b *battery) runImages(ctx context.Context) error {
	if b.imaging == nil {
		return nil
	}
	seen := b.see(ctx)
	if seen.err != nil && (b.short == nil || ctx.Err() != nil) {
		return seen.err
	}
	if err := b.readCaptions(ctx, seen); err != nil {
		return err
	}
	b.shown = seen
	if b.short == nil && seen.vectors != nil {
		// Images only: what needs no text is measured on them.
		return b.checkFinite(seen.vectors)
	}
	return nil
}

// see shows the model the images.
func (b *battery) see(ctx context.Context) *imageRun {
	r := &imageRun{images: detect.Pictures()}
	var p *pixels.Processor
	var err error
	if p, r.file, err = b.imaging.Processor(ctx); err != nil {
		// What the pixels mean is not known, but that they reach the vectors can be shown all the same.
		r.foreign = err.Error()
		if p, r.err = b.imaging.StandardProcessor(ctx); r.err != nil {
			return r
		}
	}
	shown := make([]image.Image, len(r.images))
	for i, one := range r.images {
		shown[i] = one.Image
	}
	values, err := models.Preprocess(p, shown)
	if err != nil {
		r.err = err
		return r
	}
	r.vectors, r.err = b.look(ctx, values)
	return r
}

// look runs images in groups until they are through or would take longer than imageBudget.
func (b *battery) look(ctx context.Context, values []*pixels.Pixels) ([][]float32, error) {
	var out [][]float32
	worked := b.work()
	for len(out) < len(values) {
		took := b.work() - worked
		if n := len(out); n > 0 && took/time.Duration(n)*time.Duration(len(values)) > imageBudget {
			break
		}
		part, err := b.imaging.RunPixels(ctx, values[len(out):min(len(out)+imageGroup, len(values))])
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

// readCaptions runs the captions, or notes what keeps the model from being asked. An error is of running them, as that of
// any text.
func (b *battery) readCaptions(ctx context.Context, r *imageRun) error {
	switch {
	case b.short == nil:
		r.noCaptions = "the model takes no text"
	case !b.readsText():
		r.noCaptions = "the model has no tokenizer, so it cannot read captions"
	case r.err != nil:
		r.noCaptions = "the image side failed: " + r.err.Error()
	case r.foreign != "":
		r.noCaptions = "the model cannot be shown images as it was trained to see them: " + r.foreign
	case len(r.vectors) < len(r.images):
		r.noCaptions = fmt.Sprintf("all %d images would have taken longer than %v", len(r.images), imageBudget)
	}
	if r.noCaptions != "" {
		return nil
	}
	captions := make([]string, len(r.images))
	for i, one := range r.images {
		captions[i] = one.Caption
	}
	in, err := b.model.Prepare(captions, models.PrepareOptions{Prompt: b.info.DefaultPrompt})
	if err != nil {
		return err
	}
	out, err := b.model.Run(ctx, in)
	if err != nil {
		return err
	}
	r.captions = out.Vectors
	return nil
}
