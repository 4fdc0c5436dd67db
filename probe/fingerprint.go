package probe

import (
	"context"
	_ "embed" // for the fingerprints
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/models"
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

// fingerprint makes the code of what the model does, from the texts that ran alone, and names the model by it. One
// without a tokenizer is run on fixed ids.
func (b *battery) fingerprint(ctx context.Context) error {
	known, err := KnownModels()
	if err != nil {
		return err
	}
	f := detect.Fingerprint(vectorsOf(b.alone), detect.InputsTexts)
	if !b.e.HasTokenizer() {
		if f, err = b.idsFingerprint(ctx); err != nil {
			return err
		}
	}
	b.findings["fingerprint"] = f
	b.findings["known_as"] = detect.KnownAs(f, known)
	return nil
}

// The ids of a fingerprint without a tokenizer lie in a range that nearly every vocabulary has. They do not hang on the
// vocabulary's size, which a quantized graph may not show.
const (
	firstFingerprintID = 1000
	fingerprintIDs     = 3000
)

// idsFingerprint runs sequences of fixed ids, each alone. A model that fails on them has no fingerprint, and is none
// the worse for it.
func (b *battery) idsFingerprint(ctx context.Context) (detect.Finding, error) {
	if n := b.e.Facts.VocabularySize; n > 0 && n < firstFingerprintID+fingerprintIDs {
		return detect.Finding{Reason: fmt.Sprintf("the model has no tokenizer and a vocabulary of %d, less than the %d ids "+
			"of a fingerprint", n, firstFingerprintID+fingerprintIDs)}, nil
	}
	var vectors [][]float32
	for i := range detect.FingerprintTexts {
		r := rand.NewPCG(seed, uint64(i))
		ids := make([]int64, 4+2*i)
		for k := range ids {
			ids[k] = int64(firstFingerprintID + r.Uint64()%fingerprintIDs)
		}
		one := models.Tokens{IDs: ids, Full: len(ids)}
		if limit := b.e.Limit().Tokens; limit > 0 {
			one = one.Cut(limit, false)
		}
		out, err := b.e.Encode(ctx, []models.Tokens{one})
		switch {
		case ctx.Err() != nil:
			return detect.Finding{}, err
		case err != nil:
			return detect.Finding{Reason: "the model fails on the ids of a fingerprint: " + err.Error()}, nil
		}
		vectors = append(vectors, out.Vectors...)
	}
	return detect.Fingerprint(vectors, detect.InputsIDs), nil
}
