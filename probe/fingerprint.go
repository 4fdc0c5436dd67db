package probe

import (
	"context"
	_ "embed" // for the fingerprints
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
	"github.com/divinedevops/probe/vocabulary"
)

//go:embed fingerprints.json
var fingerprintsJSON []byte

// KnownModels are the models whose fingerprints are built in. The error can only be a fault of the build.
func KnownModels() ([]detect.KnownModel, error) {
	var known []detect.KnownModel
	if err := json.Unmarshal(fingerprintsJSON, &known); err != nil {
		return nil, fmt.Errorf("the embedded fingerprints: %w", err)
	}
	return known, nil
}

// fixedIDs are the vectors of fixed token ids, or why there are none.
type fixedIDs struct {
	vectors [][]float32
	reason  string
}

// measureFingerprint makes the code of what the model does: from the texts that ran alone, or from fixed ids if the model
// has no tokenizer.
func measureFingerprint(b *battery) detect.Finding {
	s := b.complete()
	switch {
	case s == nil:
		return detect.Finding{}
	case s.failing != "":
		return detect.Finding{Reason: s.failing}
	case b.readsText():
		return detect.Fingerprint(vectorsOf(s.alone), detect.InputsTexts)
	case s.fixedIDs.reason != "":
		return detect.Finding{Reason: s.fixedIDs.reason}
	}
	return detect.Fingerprint(s.fixedIDs.vectors, detect.InputsIDs)
}

// measureKnownAs names the model by its fingerprint, which is made before it.
func measureKnownAs(b *battery) detect.Finding {
	f, made := b.findings[vocabulary.KeyFingerprint]
	if !made {
		return detect.Finding{}
	}
	known, err := KnownModels()
	if err != nil {
		return detect.Finding{Reason: err.Error()} // a fault of the build, which TestKnownModels would show
	}
	return detect.KnownAs(f, known)
}

// The ids of a fingerprint without a tokenizer lie in a range that nearly every vocabulary has. They do not depend on the
// vocabulary's size, which a quantized graph may not show.
const (
	firstFingerprintID = 1000
	fingerprintIDs     = 3000
)

// runFixedIDs runs sequences of fixed ids, each alone. A model that fails on them has no fingerprint, and is none the
// worse for it.
func (b *battery) runFixedIDs(ctx context.Context, out *fixedIDs) error {
	if n := b.info.VocabularySize; n > 0 && n < firstFingerprintID+fingerprintIDs {
		out.reason = fmt.Sprintf("the model has no tokenizer and a vocabulary of %d, less than the %d ids of a fingerprint",
			n, firstFingerprintID+fingerprintIDs)
		return nil
	}
	for i := range detect.FingerprintTexts {
		r := rand.NewPCG(seed, uint64(i))
		ids := make([]int64, 4+2*i)
		for k := range ids {
			ids[k] = int64(firstFingerprintID + r.Uint64()%fingerprintIDs)
		}
		one, err := b.model.Run(ctx, []models.Input{b.ids.FromIDs(ids)})
		switch {
		case ctx.Err() != nil:
			return err
		case err != nil:
			out.reason = "the model fails on the ids of a fingerprint: " + err.Error()
			return nil //nolint:nilerr // the finding has the reason
		}
		out.vectors = append(out.vectors, one.Vectors...)
	}
	return nil
}
