package probe_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/divinedevops/probe/detect"
	"github.com/divinedevops/probe/internal/testenv"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/ort"
	"github.com/divinedevops/probe/models/tensor"
	"github.com/divinedevops/probe/probe"
	"github.com/divinedevops/probe/vocabulary"
)

// change is one thing done to a model, and all that may come of it.
type change struct {
	name  string
	files edits
	// findings that change, with their new values; another where only the fact that it changed is known beforehand.
	findings map[string]any
	// drift are the keys of the drift that is to be found, none where the files say what the model now does.
	drift []string
}

// another is any value that the unchanged model did not give.
type another struct{}

// TestChanged changes the real all-MiniLM-L6-v2 in one way at a time: the finding of that changes, what follows from it by
// definition changes (said in each place), and no other.
func TestChanged(t *testing.T) {
	t.Parallel()
	if !ort.Built {
		return // pure Go would run for minutes
	}
	for _, group := range []struct {
		name    string
		options probe.Options
		files   edits // of the model that the changes are made to
		changes []change
	}{
		{"vectors", probe.Options{Budget: probe.Unbounded}, nil, []change{
			// Without one norm the metrics no longer rank alike, and on English this model is right under all of them.
			{"normalize removed", edits{"modules.json": withoutNormalize},
				map[string]any{"normalization": "none", "distance_metric": nil, "distance_behaviour": nil}, nil},
			// The first token's state is another vector: what is said of directions and of the code of the function follows.
			{"pooling swapped", edits{"1_Pooling/config.json": firstToken},
				map[string]any{"pooling": "cls", "isotropy": another{}, "matryoshka": another{}, "fingerprint": another{}}, nil},
		}},
		{"positions", probe.Options{Quick: true}, nil, []change{
			{"declared limit cut", edits{"sentence_bert_config.json": object(func(c map[string]any) { c["max_seq_length"] = 128 })},
				map[string]any{"max_sequence_length": 128.0}, nil},
			// Here sentence_bert_config.json still promises 256 tokens.
			{"position table cut", edits{
				"model.safetensors": cutPositions,
				"config.json":       object(func(c map[string]any) { c["max_position_embeddings"] = keptPositions }),
			}, map[string]any{"max_sequence_length": float64(keptPositions)}, []string{"max_sequence_length"}},
		}},
		{"prompts", probe.Options{Budget: probe.Unbounded}, edits{"config_sentence_transformers.json": declarePrompt}, []change{
			{"prompt ignored", edits{"tokenizer.json": dropPrompt},
				map[string]any{"prompts": map[string]any{}}, []string{"prompts"}},
		}},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			measured := func(t *testing.T, files edits) changedReport {
				o := group.options
				o.Ref, o.Backend, o.LengthBudget = changedMiniLM(t, files), vocabulary.BackendONNXRuntime, probe.Unbounded
				return readChanged(t, measure(t, o))
			}
			original := measured(t, group.files)
			if len(original.Drift) > 0 {
				t.Errorf("the unchanged model drifts: %v", original.Drift)
			}
			for _, c := range group.changes {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					files := maps.Clone(c.files)
					maps.Copy(files, group.files)
					compareChanged(t, original, measured(t, files), c.findings, c.drift)
				})
			}
		})
	}
}

// TestChangedScale runs MiniLM in an engine that gives token states whose mean has norm 1, and in one that multiplies them by
// a number of the text besides.
func TestChangedScale(t *testing.T) {
	t.Parallel()
	if !ort.Built {
		return // pure Go would run for minutes
	}
	measured := func(factor func(ids []int64) float32) changedReport {
		native, err := ort.Open(testenv.ONNXRuntime(t))
		must(t, err)
		return readChanged(t, measure(t, probe.Options{
			Ref: changedMiniLM(t, edits{"modules.json": withoutNormalize}), Engine: scaling{native, factor},
			Budget: probe.Unbounded, LengthBudget: probe.Unbounded,
		}))
	}
	original := measured(func([]int64) float32 { return 1 })
	if original.Findings["normalization"].Value != "l2" || original.Findings["distance_behaviour"].Value != "equivalent" {
		t.Fatalf("the unchanged model: %+v", original.Findings)
	}
	// Powers of two leave every direction as it is, to the last bit. They depend on the tokens, so a metric that looks at
	// norms goes wrong: cosine is the best, and it is significant.
	scaled := measured(func(ids []int64) float32 {
		sum := int64(0)
		for _, id := range ids {
			sum += id
		}
		return float32(int64(1) << (sum % 4))
	})
	compareChanged(t, original, scaled,
		map[string]any{"normalization": "none", "distance_behaviour": "cosine"}, nil)
	if !original.equivalent(t, "dot") || scaled.equivalent(t, "dot") {
		t.Errorf("dot and cosine: equivalent %t, with the scale %t", original.equivalent(t, "dot"), scaled.equivalent(t, "dot"))
	}
}

// changedReport is what is compared of a report.
type changedReport struct {
	Findings map[string]struct {
		Value    any
		Reason   string
		Evidence json.RawMessage
	}
	Drift []struct{ Key string }
}

// equivalent says whether the report counts metric among those that rank alike.
func (r changedReport) equivalent(t *testing.T, metric string) bool {
	t.Helper()
	var e struct{ Equivalent []string }
	must(t, json.Unmarshal(r.Findings["distance_metric"].Evidence, &e))
	return slices.Contains(e.Equivalent, metric)
}

// readChanged reads a report as its readers do: from JSON.
func readChanged(t *testing.T, report *probe.Report) changedReport {
	t.Helper()
	data, err := json.Marshal(report)
	must(t, err)
	var r changedReport
	must(t, json.Unmarshal(data, &r))
	// TestToyProperty adds a property to every report of this test binary, and it drifts.
	delete(r.Findings, "toy")
	r.Drift = slices.DeleteFunc(r.Drift, func(d struct{ Key string }) bool { return d.Key == "toy" })
	if len(r.Findings) == 0 {
		t.Fatal("the report has no findings")
	}
	return r
}

// compareChanged wants every value of the original in the changed model's report but those named.
func compareChanged(t *testing.T, original, changed changedReport, want map[string]any, drift []string) {
	t.Helper()
	expected, found := map[string]any{}, map[string]any{}
	for key, f := range original.Findings {
		expected[key] = f.Value
	}
	for key, f := range changed.Findings {
		found[key] = f.Value
	}
	// The exponent of time by length is a time: it is another in each run.
	delete(expected, "length_cost")
	delete(found, "length_cost")
	// Whether a batch gives the very bits of single texts is up to the processor's kernels and the values they meet.
	for _, values := range []map[string]any{expected, found} {
		for _, key := range []string{"batch_invariance", "padding_invariance"} {
			if values[key] == detect.SameBits {
				values[key] = detect.WithinTolerance
			}
		}
	}
	// Directions that differ by rounding give a mean cosine that does.
	same := cmpopts.EquateApprox(0, 1e-6)
	for key, value := range want {
		if _, there := expected[key]; !there {
			t.Fatalf("the report has no finding %s", key)
		}
		if value == (any)(another{}) {
			if cmp.Equal(expected[key], found[key], same) || found[key] == nil {
				t.Errorf("%s: expected another value than %v, found %v", key, expected[key], found[key])
			}
			value = found[key]
		} else if cmp.Equal(expected[key], value, same) {
			t.Errorf("%s: the unchanged model gives %v too", key, value)
		}
		expected[key] = value
	}
	if diff := cmp.Diff(expected, found, same); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	var keys []string
	for _, d := range changed.Drift {
		keys = append(keys, d.Key)
	}
	if diff := cmp.Diff(drift, keys); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}
}

// edits make the contents of files of a model from what they were.
type edits map[string]func(t *testing.T, was []byte) []byte

// changedMiniLM is a copy of all-MiniLM-L6-v2 with those files edited. The others are hard links where the file system has
// them: a symbolic link out of the model's folder is refused.
func changedMiniLM(t *testing.T, files edits) string {
	t.Helper()
	from, dir := testenv.MiniLM(t), filepath.Join(t.TempDir(), "all-MiniLM-L6-v2")
	done := 0
	must(t, filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, name)
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		edit := files[filepath.ToSlash(name)]
		if edit == nil && os.Link(path, to) == nil {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if edit != nil {
			data = edit(t, data)
			done++
		}
		return os.WriteFile(to, data, 0o644)
	}))
	if done != len(files) {
		t.Fatalf("%d of %d files edited", done, len(files))
	}
	return dir
}

// object edits a JSON object.
func object(edit func(map[string]any)) func(*testing.T, []byte) []byte {
	return func(t *testing.T, was []byte) []byte {
		var o map[string]any
		must(t, json.Unmarshal(was, &o))
		edit(o)
		data, err := json.Marshal(o)
		must(t, err)
		return data
	}
}

func withoutNormalize(t *testing.T, was []byte) []byte {
	var modules []map[string]any
	must(t, json.Unmarshal(was, &modules))
	kept := slices.DeleteFunc(modules, func(m map[string]any) bool { return m["path"] == "2_Normalize" })
	data, err := json.Marshal(kept)
	must(t, err)
	if len(kept) != 2 {
		t.Fatalf("modules.json: expected Transformer and Pooling to be left, found %s", data)
	}
	return data
}

func firstToken(t *testing.T, was []byte) []byte {
	return object(func(c map[string]any) {
		c["pooling_mode_mean_tokens"], c["pooling_mode_cls_token"] = false, true
	})(t, was)
}

// prompt is what the model declares, and in the changed one the tokenizer drops.
const prompt = "query: "

func declarePrompt(t *testing.T, was []byte) []byte {
	return object(func(c map[string]any) { c["prompts"] = map[string]any{"query": prompt} })(t, was)
}

func dropPrompt(t *testing.T, was []byte) []byte {
	return object(func(c map[string]any) {
		drop := map[string]any{"type": "Replace", "pattern": map[string]any{"String": prompt}, "content": ""}
		c["normalizer"] = map[string]any{"type": "Sequence", "normalizers": []any{drop, c["normalizer"]}}
	})(t, was)
}

// keptPositions is the number of rows that cutPositions leaves in the table.
const keptPositions = 96

// cutPositions drops the rows of the table of positions that are behind keptPositions, and closes the hole that they leave.
// The format: the header's length as 8 bytes, the header in JSON, the data (huggingface.co/docs/safetensors).
func cutPositions(t *testing.T, was []byte) []byte {
	type tensor struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	head := 8 + int(binary.LittleEndian.Uint64(was))
	var raw map[string]json.RawMessage
	must(t, json.Unmarshal(was[8:head], &raw))
	delete(raw, "__metadata__")
	tensors := map[string]*tensor{}
	for name, data := range raw {
		tensors[name] = new(tensor)
		must(t, json.Unmarshal(data, tensors[name]))
	}
	table := tensors["embeddings.position_embeddings.weight"]
	if table == nil || table.DType != "F32" || len(table.Shape) != 2 || table.Shape[0] <= keptPositions {
		t.Fatalf("model.safetensors: expected a longer table of positions in float32, found %+v", table)
	}
	end := table.Offsets[1]
	keep := table.Offsets[0] + 4*keptPositions*table.Shape[1]
	table.Shape[0], table.Offsets[1] = keptPositions, keep
	for _, other := range tensors {
		if other.Offsets[0] >= end {
			other.Offsets[0] -= end - keep
			other.Offsets[1] -= end - keep
		}
	}
	header, err := json.Marshal(tensors)
	must(t, err)
	for len(header)%8 != 0 {
		header = append(header, ' ')
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return slices.Concat(out, header, was[head:head+keep], was[head+end:])
}

// scaling is an engine whose token states are scaled for each text: to a mean of norm 1, and then by the text's factor.
type scaling struct {
	engine.Engine
	factor func(ids []int64) float32
}

func (e scaling) Open(ctx context.Context, g engine.Graph, o engine.Options) (engine.Session, error) {
	s, err := e.Engine.Open(ctx, g, o)
	return scalingSession{s, e.factor}, err
}

type scalingSession struct {
	engine.Session
	factor func(ids []int64) float32
}

// Run scales last_hidden_state, batch x seq x dim. The factor sees the tokens without their padding.
func (s scalingSession) Run(ctx context.Context, inputs []tensor.Named, outputs []string) ([]tensor.Tensor, error) {
	out, err := s.Session.Run(ctx, inputs, outputs)
	if err != nil {
		return nil, err
	}
	fed := map[string][]int64{}
	for _, in := range inputs {
		fed[in.Name] = in.Tensor.I64
	}
	ids, mask, states := fed["input_ids"], fed["attention_mask"], out[0]
	seq, dim := int(states.Shape[1]), int(states.Shape[2])
	for row := range int(states.Shape[0]) {
		text := states.F32[row*seq*dim : (row+1)*seq*dim]
		mean, tokens := make([]float64, dim), []int64(nil)
		for i := range seq {
			if mask[row*seq+i] == 0 {
				continue
			}
			tokens = append(tokens, ids[row*seq+i])
			for d := range dim {
				mean[d] += float64(text[i*dim+d])
			}
		}
		square := 0.0
		for _, v := range mean {
			square += v * v
		}
		scale := float32(float64(len(tokens))/math.Sqrt(square)) * s.factor(tokens)
		for i := range text {
			text[i] *= scale
		}
	}
	return out, nil
}
