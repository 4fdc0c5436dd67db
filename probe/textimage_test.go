package probe_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// agreement is the finding text_image_agreement of a report.
type agreement struct {
	Findings struct {
		TextImage struct {
			Value    *string
			Reason   string
			Evidence *struct {
				OneSpace bool                     `json:"one_space"`
				Texts    *struct{ Right float64 } `json:"image_for_text"`
				Images   *struct{ Right float64 } `json:"text_for_image"`
				Matched  float64                  `json:"mean_cosine_matched"`
				Other    float64                  `json:"mean_cosine_other"`
			}
		} `json:"text_image_agreement"`
	}
	Measured struct{ Modalities []string }
}

// agreementOf reads the finding as a report's readers do: from JSON.
func agreementOf(t *testing.T, ref, backend string) agreement {
	t.Helper()
	data, err := json.Marshal(measure(t, probe.Options{Ref: ref, Backend: backend, LengthBudget: 1}))
	must(t, err)
	var a agreement
	must(t, json.Unmarshal(data, &a))
	return a
}

// TestTextImageAgreement measures a CLIP whose towers were trained together, that CLIP with the towers parted, and models
// whose towers never met.
func TestTextImageAgreement(t *testing.T) {
	t.Parallel()
	aligned := filepath.Join(testenv.Root(), "testdata", "images", "clip-aligned")
	var want struct {
		Texts   float64 `json:"image_for_text"`
		Images  float64 `json:"text_for_image"`
		Matched float64 `json:"mean_cosine_matched"`
		Other   float64 `json:"mean_cosine_other"`
	}
	readJSON(t, aligned+".truth.json", &want)
	for _, backend := range backends() {
		t.Run("aligned/"+backend, func(t *testing.T) {
			t.Parallel()
			f := agreementOf(t, aligned, backend).Findings.TextImage
			if f.Value == nil || *f.Value != "agree" || f.Evidence == nil || !f.Evidence.OneSpace {
				t.Fatalf("found %+v", f)
			}
			e := f.Evidence
			if e.Texts.Right != want.Texts || e.Images.Right != want.Images ||
				math.Abs(e.Matched-want.Matched) > 1e-5 || math.Abs(e.Other-want.Other) > 1e-5 {
				t.Errorf("found %+v %+v %+v, transformers gives %+v", e, e.Texts, e.Images, want)
			}
		})
		t.Run("text alone/"+backend, func(t *testing.T) {
			t.Parallel()
			f := agreementOf(t, testenv.Zoo("bert-mean-l2"), backend).Findings.TextImage
			if f.Value != nil || f.Reason != "the model takes no images" {
				t.Errorf("found %+v", f)
			}
		})
	}
	backend := fastest()
	for _, name := range []string{"clip", "clip-st", "siglip"} {
		t.Run(name+"/"+backend, func(t *testing.T) {
			t.Parallel()
			a := agreementOf(t, testenv.Zoo(name), backend)
			f := a.Findings.TextImage
			if f.Value != nil || !strings.HasPrefix(f.Reason, "undetermined") || f.Evidence.Texts == nil {
				t.Errorf("towers that never met: found %+v", f)
			}
			if len(a.Measured.Modalities) != 2 {
				t.Errorf("modalities %v", a.Measured.Modalities)
			}
		})
	}
}

// TestAlignedChanged changes one thing of the aligned model at a time: only what rests on it changes.
func TestAlignedChanged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, content string
		reason        string
	}{
		"pixels not scaled": {"preprocessor_config.json",
			`{"feature_extractor_type": "CLIPFeatureExtractor", "size": 30, "crop_size": 30, "rescale_factor": 1e-6}`, "undetermined"},
		"class not known": {"preprocessor_config.json", `{"image_processor_type": "DonutImageProcessor"}`, "DonutImageProcessor"},
		"no tokenizer":    {"tokenizer.json", "", "no tokenizer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			must(t, os.CopyFS(folder, os.DirFS(filepath.Join(testenv.Root(), "testdata", "images", "clip-aligned"))))
			if c.content == "" {
				must(t, os.Remove(filepath.Join(folder, c.file)))
				must(t, os.Remove(filepath.Join(folder, "tokenizer_config.json")))
			} else {
				must(t, os.WriteFile(filepath.Join(folder, c.file), []byte(c.content), 0o644))
			}
			a := agreementOf(t, folder, vocabulary.BackendGo)
			f := a.Findings.TextImage
			if f.Value != nil || !strings.Contains(f.Reason, c.reason) {
				t.Errorf("found %+v", f)
			}
			if strings.Join(a.Measured.Modalities, ",") != "image,text" {
				t.Errorf("modalities %v", a.Measured.Modalities)
			}
		})
	}
}
