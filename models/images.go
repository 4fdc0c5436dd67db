package models

import (
	"context"
	"encoding/json"
	"errors"
	"image"

	"github.com/divinedevops/probe/models/card"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/pixels"
	"github.com/divinedevops/probe/models/tensor"
)

// maxSide bounds one side of an image that a file declares.
const maxSide = 4096

// usualSide is the side of an image in CLIP (arXiv:2103.00020) and most of its kin, taken if nothing says otherwise.
const usualSide = 224

// imageBatch is how many images run at once if the graph leaves it open: images are long sequences.
const imageBatch = 8

// Preprocess runs a processor over images.
func Preprocess(p *pixels.Processor, images []image.Image) ([]*pixels.Pixels, error) {
	values := make([]*pixels.Pixels, len(images))
	for i, one := range images {
		var err error
		if values[i], err = p.Process(one); err != nil {
			return nil, failure.Errorf(failure.StageInference, failure.KindInference, "image %d: %w", i, err)
		}
	}
	return values, nil
}

// Processor is the preprocessing that preprocessor_config.json declares, with the file's name; without that file,
// StandardProcessor and "". See Images for its errors.
func (e *Encoder) Processor(ctx context.Context) (p *pixels.Processor, file string, err error) {
	t, err := e.images.get(ctx)
	if err != nil {
		return nil, "", err
	}
	declared := e.card.Preprocessor
	if declared == nil {
		p, err = e.StandardProcessor(ctx)
		return p, "", err
	}
	p, err = pixels.Parse(declared.Fields, e.info.ModelType)
	if err != nil {
		kind := failure.KindInvalidConfig
		if errors.Is(err, pixels.ErrUnknown) {
			kind = failure.KindUnsupportedModel
		}
		return nil, "", failure.Errorf(failure.StageInference, kind, "%s: %w", declared.File, err)
	}
	h, w := p.Output()
	wantH, wantW := t.feeds.pixelShape[1], t.feeds.pixelShape[2]
	if h != 0 && (wantH != 0 && h != wantH || wantW != 0 && w != wantW) {
		return nil, "", failure.Errorf(failure.StageInference, failure.KindInvalidConfig,
			"%s: expected images of the %d x %d pixels that the graph takes, found %d x %d",
			declared.File, wantH, wantW, h, w)
	}
	return p, declared.File, nil
}

// StandardProcessor is the preprocessing that models of this kind mostly have, in the size that the graph takes.
func (e *Encoder) StandardProcessor(ctx context.Context) (*pixels.Processor, error) {
	t, err := e.images.get(ctx)
	if err != nil {
		return nil, err
	}
	_, h, w := t.feeds.pixelSize()
	return pixels.Standard(e.info.ModelType, h, w), nil
}

// RunPixels returns the vectors of preprocessed images, all of one size: images x dimension, normalized only if the tower
// does that. Errors are *failure.Error of stage inference.
func (e *Encoder) RunPixels(ctx context.Context, images []*pixels.Pixels) ([][]float32, error) {
	t, err := e.images.get(ctx)
	if err != nil {
		return nil, err
	}
	size := imageBatch
	if t.feeds.pixelBatch > 0 {
		size = t.feeds.pixelBatch
	}
	out := make([][]float32, 0, len(images))
	for start := 0; start < len(images); start += size {
		part, err := t.runPixels(ctx, images[start:min(start+size, len(images))])
		if err != nil {
			return nil, err
		}
		for _, v := range part {
			if err := e.judgeVectors(t.outputs.image.Name, v, len(v)); err != nil {
				return nil, err
			}
		}
		out = append(out, part...)
	}
	return out, nil
}

// runPixels runs one batch of images.
func (t *tower) runPixels(ctx context.Context, images []*pixels.Pixels) ([][]float32, error) {
	first := images[0]
	const channels = 3
	if c := t.feeds.pixelShape[0]; c != 0 && c != channels {
		return nil, failure.Errorf(failure.StageInference, failure.KindUnsupportedModel,
			"expected a graph that takes images of %d channels, found one of %d", channels, c)
	}
	if h, w := t.feeds.pixelShape[1], t.feeds.pixelShape[2]; h != 0 && h != first.Height || w != 0 && w != first.Width {
		return nil, failure.Errorf(failure.StageInference, failure.KindInference,
			"expected images of the %d x %d pixels that the graph takes, found %d x %d", h, w, first.Height, first.Width)
	}
	// Rows that only fill a fixed batch repeat the first image.
	batch := max(len(images), t.feeds.pixelBatch)
	values := make([]float32, 0, batch*len(first.Values))
	for i := range batch {
		p := first
		if i < len(images) {
			p = images[i]
		}
		if p.Height != first.Height || p.Width != first.Width {
			return nil, failure.Errorf(failure.StageInference, failure.KindInference,
				"expected images of one size, found %d x %d beside %d x %d: this processor keeps their proportions",
				p.Height, p.Width, first.Height, first.Width)
		}
		values = append(values, p.Values...)
	}
	fed := tensor.NewFloat32(values, int64(batch), channels, int64(first.Height), int64(first.Width))
	inputs, err := t.feeds.tensors(nil, &fed)
	if err != nil {
		return nil, err
	}
	out, err := t.session.Run(ctx, inputs, []string{t.outputs.image.Name})
	if err != nil {
		return nil, err
	}
	if t.outputs.firstState {
		if out[0], err = firstStates(out[0], t.outputs.image.Name); err != nil {
			return nil, err
		}
	}
	vectors, dim, err := vectorsOf(out[0], t.outputs.image.Name, batch, len(images))
	if err != nil {
		return nil, err
	}
	return rows(vectors, len(images), dim), nil
}

// pixelSize is channels, height and width as the graph fixes them; what it leaves open is as config.json declares it, or
// the usual size.
func (f *feeds) pixelSize() (c, h, w int) {
	side := usualSide
	if f.declaredSide > 0 {
		side = f.declaredSide
	}
	size := [3]int{3, side, side}
	for i, n := range f.pixelShape {
		if n > 0 {
			size[i] = n
		}
	}
	return size[0], size[1], size[2]
}

// imageSide is the side of an image as config.json's vision_config declares it, 0 if it does not.
func imageSide(c *card.Config) int {
	if c == nil {
		return 0
	}
	if c.Vision != nil {
		c = c.Vision
	}
	var side int
	if json.Unmarshal(c.Raw["image_size"], &side) != nil || side < 1 || side > maxSide {
		return 0
	}
	return side
}

// firstStates keeps the first of the states of each image: batch x patches x dim becomes batch x dim.
func firstStates(t tensor.Tensor, name string) (tensor.Tensor, error) {
	if len(t.Shape) != 3 || t.Shape[1] < 1 {
		return t, failure.Errorf(failure.StageInference, failure.KindNotEmbedding,
			"output %q: expected a state for each patch of an image, found the shape %v", name, t.Shape)
	}
	values, err := t.Float32s()
	if err != nil {
		return t, failure.Errorf(failure.StageInference, failure.KindNotEmbedding, "output %q: %w", name, err)
	}
	batch, patches, dim := t.Shape[0], t.Shape[1], t.Shape[2]
	first := make([]float32, 0, batch*dim)
	for i := range batch {
		first = append(first, values[i*patches*dim:i*patches*dim+dim]...)
	}
	return tensor.NewFloat32(first, batch, dim), nil
}
