package probe

import (
	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/vocabulary"
)

// measureModalities is which kinds of input the model turns into vectors, by having tried.
func measureModalities(b *battery) detect.Finding {
	text := detect.ModalityRun{Modality: vocabulary.ModalityText, Reason: "the model takes no text"}
	if b.short != nil {
		text = detect.ModalityRun{Modality: vocabulary.ModalityText, Vectors: b.short.vectors}
	}
	image := detect.ModalityRun{Modality: vocabulary.ModalityImage, Reason: "the model takes no images"}
	if b.shown != nil {
		image = detect.ModalityRun{Modality: vocabulary.ModalityImage, Vectors: b.shown.vectors}
		if b.shown.err != nil {
			image.Reason = b.shown.err.Error()
		}
	}
	if b.short == nil && b.shown == nil {
		return detect.Finding{} // neither ran: what ended the probe is the reason
	}
	return detect.Modalities([]detect.ModalityRun{text, image})
}

// measureTextImageAgreement compares images with their captions.
func measureTextImageAgreement(b *battery) detect.Finding {
	switch {
	case b.shown == nil:
		return detect.Finding{}
	case b.shown.noCaptions != "":
		return detect.Finding{Reason: b.shown.noCaptions}
	}
	return detect.TextImageAgreement(detect.TextImageInput{
		Pictures: b.shown.images, Texts: b.shown.captions, Images: b.shown.vectors, Preprocessing: b.shown.file,
	})
}
