package models

import (
	"context"
	"encoding/json"
	"math/rand/v2"

	"github.com/divinedevops/probe/models/engine"
)

// maxPixels bounds one side of an image that a file declares.
const maxPixels = 4096

// usualSide is the side of an image in CLIP (arXiv:2103.00020) and most of its kin, taken where nothing says another.
const usualSide = 224

// EncodeNoise runs n images of seeded noise in the size that the graph wants, standard normal as preprocessed pixels
// about are, and gives their vectors. It shows that the image side runs and how wide its vectors are; what it thinks of
// pictures is not asked.
func (e *Encoder) EncodeNoise(ctx context.Context, seed uint64, n int) ([][]float32, error) {
	g, err := e.imageRunner(ctx)
	if err != nil {
		return nil, err
	}
	c, h, w := g.feeds.pixelSize()
	batch := n
	if g.feeds.pixelBatch > 0 {
		batch = g.feeds.pixelBatch
	}
	r := rand.New(rand.NewPCG(seed, uint64(batch)))
	pixels := make([]float32, batch*c*h*w)
	for i := range pixels {
		pixels[i] = float32(r.NormFloat64())
	}
	t := engine.NewFloat32(pixels, int64(batch), int64(c), int64(h), int64(w))
	inputs, err := g.feeds.tensors(nil, &t)
	if err != nil {
		return nil, err
	}
	out, err := g.session.Run(ctx, inputs, []string{g.outputs.image.Name})
	if err != nil {
		return nil, err
	}
	vectors, dim, err := vectorsOf(out[0], g.outputs.image.Name, batch, batch)
	if err != nil {
		return nil, err
	}
	return rows(vectors, batch, dim), nil
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
	if json.Unmarshal(c.Raw["image_size"], &side) != nil || side < 1 || side > maxPixels {
		return 0
	}
	return side
}
