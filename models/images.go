package models

import (
	"context"
	"encoding/json"
	"errors"
	"image"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/pixels"
	"github.com/divinedevops/probe/models/tensor"
)

// maxSide bounds one side of an image that a file declares.
const maxSide = 4096

// usualSide is the side of an image in CLIP (arXiv:2103.00020) and most of its kin, taken where nothing says another.
const usualSide = 224

// imageBatch is how many pictures run at once where the graph leaves it open: pictures are long sequences.
const imageBatch = 8

// EncodeImages gives the vectors of pictures, pictures x dim, through the model's own preprocessing (Processor) and its
// image tower. Vectors come as the tower gives them, normalized only where it does that. Errors are *failure.Error of stage
// inference: of Processor, of a picture that it cannot take, and of running.
func (e *Encoder) EncodeImages(ctx context.Context, pictures []image.Image) ([][]float32, error) {
	p, err := e.Processor(ctx)
	if err != nil {
		return nil, err
	}
	values, err := Preprocess(p, pictures)
	if err != nil {
		return nil, err
	}
	return e.EncodePixels(ctx, values)
}

// Preprocess runs a processor over pictures.
func Preprocess(p *pixels.Processor, pictures []image.Image) ([]*pixels.Pixels, error) {
	values := make([]*pixels.Pixels, len(pictures))
	for i, picture := range pictures {
		var err error
		if values[i], err = p.Process(picture); err != nil {
			return nil, failure.Errorf(failure.StageInference, failure.KindInference, "picture %d: %w", i, err)
		}
	}
	return values, nil
}

// Processor is the preprocessing that preprocessor_config.json declares; without that file, StandardProcessor. Errors are
// *failure.Error of stage inference: KindUnsupportedModel for a class that is not known (its cause is image.ErrUnknown),
// KindInvalidConfig for wrong values and for sizes that the graph does not take, KindNoTextOrImage for a model of texts.
func (e *Encoder) Processor(ctx context.Context) (*pixels.Processor, error) {
	g, err := e.imageRunner(ctx)
	if err != nil {
		return nil, err
	}
	declared := e.Card.Preprocessor
	if declared == nil {
		return e.StandardProcessor(ctx)
	}
	p, err := pixels.Parse(declared.Fields, e.Facts.ModelType)
	if err != nil {
		kind := failure.KindInvalidConfig
		if errors.Is(err, pixels.ErrUnknown) {
			kind = failure.KindUnsupportedModel
		}
		return nil, failure.Errorf(failure.StageInference, kind, "%s: %w", declared.File, err)
	}
	h, w := p.Output()
	wantH, wantW := g.feeds.pixelShape[1], g.feeds.pixelShape[2]
	if h != 0 && (wantH != 0 && h != wantH || wantW != 0 && w != wantW) {
		return nil, failure.Errorf(failure.StageInference, failure.KindInvalidConfig,
			"%s: expected pictures of the %d x %d pixels that the graph takes, found %d x %d",
			declared.File, wantH, wantW, h, w)
	}
	return p, nil
}

// StandardProcessor is the preprocessing that models of this kind mostly have, in the size that the graph takes: for
// models whose files do not say, or say what is not known.
func (e *Encoder) StandardProcessor(ctx context.Context) (*pixels.Processor, error) {
	g, err := e.imageRunner(ctx)
	if err != nil {
		return nil, err
	}
	_, h, w := g.feeds.pixelSize()
	return pixels.Standard(e.Facts.ModelType, h, w), nil
}

// EncodePixels gives the vectors of pictures that are preprocessed already, all of one size: pictures x dim. Errors are
// *failure.Error of stage inference.
func (e *Encoder) EncodePixels(ctx context.Context, pictures []*pixels.Pixels) ([][]float32, error) {
	g, err := e.imageRunner(ctx)
	if err != nil {
		return nil, err
	}
	size := imageBatch
	if g.feeds.pixelBatch > 0 {
		size = g.feeds.pixelBatch
	}
	out := make([][]float32, 0, len(pictures))
	for start := 0; start < len(pictures); start += size {
		part, err := g.images(ctx, pictures[start:min(start+size, len(pictures))])
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

// images runs one batch.
func (g *graphRunner) images(ctx context.Context, pictures []*pixels.Pixels) ([][]float32, error) {
	first := pictures[0]
	const channels = 3
	if c := g.feeds.pixelShape[0]; c != 0 && c != channels {
		return nil, failure.Errorf(failure.StageInference, failure.KindUnsupportedModel,
			"expected a graph that takes pictures of %d channels, found one of %d", channels, c)
	}
	if h, w := g.feeds.pixelShape[1], g.feeds.pixelShape[2]; h != 0 && h != first.Height || w != 0 && w != first.Width {
		return nil, failure.Errorf(failure.StageInference, failure.KindInference,
			"expected pictures of the %d x %d pixels that the graph takes, found %d x %d", h, w, first.Height, first.Width)
	}
	// Rows that only fill a fixed batch repeat the first picture.
	batch := max(len(pictures), g.feeds.pixelBatch)
	values := make([]float32, 0, batch*len(first.Values))
	for i := range batch {
		p := first
		if i < len(pictures) {
			p = pictures[i]
		}
		if p.Height != first.Height || p.Width != first.Width {
			return nil, failure.Errorf(failure.StageInference, failure.KindInference,
				"expected pictures of one size, found %d x %d beside %d x %d: this processor keeps their proportions",
				p.Height, p.Width, first.Height, first.Width)
		}
		values = append(values, p.Values...)
	}
	t := tensor.NewFloat32(values, int64(batch), channels, int64(first.Height), int64(first.Width))
	inputs, err := g.feeds.tensors(nil, &t)
	if err != nil {
		return nil, err
	}
	out, err := g.session.Run(ctx, inputs, []string{g.outputs.image.Name})
	if err != nil {
		return nil, err
	}
	vectors, dim, err := vectorsOf(out[0], g.outputs.image.Name, batch, len(pictures))
	if err != nil {
		return nil, err
	}
	return rows(vectors, len(pictures), dim), nil
}

// pixelSize is what the graph fixes of channels, height and width; where it leaves them open, what config.json declares,
// or the usual size.
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

// imageSide is the side of an image as config.json's vision_config declares it, 0 where it does not.
func (e *Encoder) imageSide() int {
	c := e.Card.Config
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
