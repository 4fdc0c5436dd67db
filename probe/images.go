package probe

import (
	"context"

	"github.com/divinedevops/probe/detect"
)

// The names of modalities, as the report and the event give them.
const (
	modalityText  = "text"
	modalityImage = "image"
)

// noiseImages is how many images of noise the image side runs on.
const noiseImages = 3

// images runs the image side of a model that has one, and tells the modalities. A side that fails is no failure of the
// probe as long as the other one works.
func (b *battery) images(ctx context.Context) error {
	b.image = detect.ModalityRun{Modality: modalityImage, Reason: "the graph takes no pixels"}
	if b.e.HasImages() {
		vectors, err := b.e.EncodeNoise(ctx, seed, noiseImages)
		if err != nil && b.together == nil {
			return err
		}
		b.image.Vectors, b.image.Reason = vectors, ""
		if err != nil {
			b.image.Reason = err.Error()
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
	return nil
}
