package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
)

// brokenCase is one entry of testdata/broken/broken.json.
type brokenCase struct {
	Name        string `json:"name"`
	Ref         string `json:"ref"`
	ExpectKind  string `json:"expect_kind"`
	ExpectStage string `json:"expect_stage"`
	ExitCode    int    `json:"exit_code"`
}

// TestBrokenModels holds every broken model to its documented kind, stage and exit code, on both engines: one valid JSON
// report on stdout, nothing on stderr, success flags that fit the stage.
func TestBrokenModels(t *testing.T) {
	t.Parallel()
	var broken struct {
		Cases []brokenCase `json:"cases"`
	}
	readJSON(t, filepath.Join(testenv.Root(), "testdata", "broken", "broken.json"), &broken)
	if len(broken.Cases) < 40 {
		t.Fatalf("expected 40 broken models and more, found %d", len(broken.Cases))
	}
	kinds := schemaKinds(t)
	// Pure Go converts a graph anew for each shape, and cannot tell a node that fits no shape from one that it lacks.
	pureGo := map[string]string{"onnx-fails-to-run": "unsupported_op"}
	for _, c := range broken.Cases {
		for backend, vars := range backends(t) {
			c := c // of this backend
			if kind, ok := pureGo[c.Name]; ok && backend == "go" {
				c.ExpectKind = kind
			}
			t.Run(c.Name+"/"+backend, func(t *testing.T) {
				t.Parallel()
				ref := filepath.Join(testenv.Root(), "testdata", "broken", filepath.FromSlash(c.Ref))
				got := invoke(t, vars, "", "--model", ref, "--backend", backend, "--quick", "--json", "--timeout", "60s")
				if got.stderr != "" {
					t.Errorf("stderr: %q", got.stderr)
				}
				r := checkReport(t, got.stdout)
				if r.Error == nil {
					t.Fatalf("no error in the report, exit code %d", got.code)
				}
				if r.Error.Kind != c.ExpectKind || r.Error.Stage != c.ExpectStage || got.code != c.ExitCode {
					t.Errorf("%s at %s, exit code %d (%s); want %s at %s, %d", r.Error.Kind, r.Error.Stage, got.code,
						r.Error.Message, c.ExpectKind, c.ExpectStage, c.ExitCode)
				}
				if !slices.Contains(kinds, r.Error.Kind) {
					t.Errorf("kind %q is not in the schema", r.Error.Kind)
				}
				if loaded := c.ExpectStage == "inference"; r.Metadata.LoadSuccess != loaded || r.Metadata.InferenceSuccess {
					t.Errorf("load_success %v, inference_success %v after a failure at %s", r.Metadata.LoadSuccess,
						r.Metadata.InferenceSuccess, c.ExpectStage)
				}
			})
		}
	}
}

// parsedReport is what tests read of a report.
type parsedReport struct {
	Name          string  `json:"name"`
	Type          string  `json:"type"`
	Dimension     *int    `json:"dimension"`
	Modality      *string `json:"modality"`
	Normalization *string `json:"normalization"`
	Source        string  `json:"source"`
	Metadata      struct {
		ModelName        string  `json:"model_name"`
		ModelVersion     *string `json:"model_version"`
		LoadSuccess      bool    `json:"load_success"`
		InferenceSuccess bool    `json:"inference_success"`
		EventID          *string `json:"event_id"`
		DeviceType       *string `json:"device_type"`
	} `json:"metadata"`
	Model struct {
		File   string  `json:"file"`
		Why    string  `json:"why"`
		Digest *string `json:"digest"`
		Output *string `json:"output"`
	} `json:"model"`
	Measured    properties `json:"measured"`
	Declared    properties `json:"declared"`
	Environment struct {
		Backend           *string `json:"backend"`
		ExecutionProvider *string `json:"execution_provider"`
	} `json:"environment"`
	Findings map[string]struct {
		Value    any             `json:"value"`
		Evidence json.RawMessage `json:"evidence"`
		Reason   string          `json:"reason"`
	} `json:"findings"`
	Drift []struct {
		Key      string `json:"key"`
		Declared any    `json:"declared"`
		Measured any    `json:"measured"`
	} `json:"drift"`
	Error *struct {
		Stage   string `json:"stage"`
		Kind    string `json:"kind"`
		Message string `json:"message"`
	} `json:"error"`
}

type properties struct {
	EmbeddingDimension *int     `json:"embedding_dimension"`
	Normalization      *string  `json:"normalization"`
	Pooling            *string  `json:"pooling"`
	DistanceMetric     *string  `json:"distance_metric"`
	MaxSequenceLength  *int     `json:"max_sequence_length"`
	Modalities         []string `json:"modalities"`
	DType              *string  `json:"dtype"`
}
