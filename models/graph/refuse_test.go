package graph

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/weights"
	"github.com/divinedevops/probe/models/weights/safetensors"
)

// change returns a config.json with options set; the value drop takes one away.
func change(t testing.TB, config []byte, options map[string]any) []byte {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(config))
	d.UseNumber()
	var values map[string]any
	if err := d.Decode(&values); err != nil {
		t.Fatal(err)
	}
	maps.Copy(values, options)
	maps.DeleteFunc(values, func(_ string, v any) bool { return v == drop })
	out, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const drop = "(dropped)"

func wantError(t *testing.T, err error, kind failure.Kind, says string) {
	t.Helper()
	var e *failure.Error
	if !errors.As(err, &e) {
		t.Fatalf("expected an *failure.Error, got %v", err)
	}
	if e.Stage != failure.StageLoad || e.Kind != kind || !strings.Contains(e.Message, says) {
		t.Errorf("expected load/%s with %q, got %s/%s: %s", kind, says, e.Stage, e.Kind, e.Message)
	}
}

type options = map[string]any

// TestOptionsAreHonouredOrRefused: what changes the result and is not built is refused by its name.
func TestOptionsAreHonouredOrRefused(t *testing.T) {
	t.Parallel()
	const unsupported, invalid = failure.KindUnsupportedModel, failure.KindInvalidConfig
	cases := []struct {
		model string
		set   options
		kind  failure.Kind
		says  string
	}{
		{"bert", options{"model_type": "bart"}, unsupported, `"bart"`},
		{"bert", options{"model_type": drop}, invalid, "no model_type"},
		{"bert", options{"model_type": 7}, invalid, "model_type must be a string"},
		{"bert", options{"is_decoder": true}, unsupported, "is_decoder"},
		{"bert", options{"add_cross_attention": true}, unsupported, "add_cross_attention"},
		{"bert", options{"position_embedding_type": "relative_key"}, unsupported, "position_embedding_type"},
		{"bert", options{"hidden_act": "mish"}, unsupported, `"mish"`},
		{"bert", options{"quantization_config": options{"bits": 4}}, unsupported, "quantization_config"},
		{"bert", options{"pruned_heads": options{"0": []int{1}}}, unsupported, "pruned_heads"},
		{"bert", options{"use_alibi": true}, unsupported, "use_alibi"},
		{"nomic-published", options{"something_new": 1}, unsupported, "something_new"},
		{"new", options{"something_new": 1}, unsupported, "something_new"},
		{"jina", options{"something_new": 1}, unsupported, "something_new"},
		{"bert", options{"auto_map": options{"AutoModel": "modeling.MyModel"}}, unsupported, "modeling.MyModel"},
		{"bert", options{"hidden_size": 0}, invalid, "hidden_size"},
		{"bert", options{"hidden_size": -16}, invalid, "hidden_size"},
		{"bert", options{"hidden_size": "16"}, invalid, "hidden_size must be a whole number"},
		{"bert", options{"hidden_size": 1.5}, invalid, "hidden_size must be a whole number"},
		{"bert", options{"hidden_size": int64(1) << 40}, invalid, "hidden_size"},
		{"bert", options{"num_hidden_layers": 1 << 20}, invalid, "num_hidden_layers"},
		{"bert", options{"num_attention_heads": 5}, invalid, "not a multiple"},
		{"bert", options{"hidden_size": 8}, invalid, "word_embeddings"},
		{"bert", options{"vocab_size": 60}, invalid, "word_embeddings"},
		{"bert", options{"num_hidden_layers": 3}, failure.KindMissingTensor, "encoder.layer.2."},
		{"bert", options{"layer_norm_eps": "small"}, invalid, "layer_norm_eps must be a number"},
		{"roberta", options{"pad_token_id": 99}, invalid, "pad_token_id"},
		{"mpnet", options{"relative_attention_num_buckets": 64}, unsupported, "relative_attention_num_buckets"},
		{"albert", options{"num_hidden_groups": 9}, invalid, "num_hidden_groups"},
		{"deberta-v3", options{"pos_att_type": "p2p"}, unsupported, "pos_att_type"},
		{"deberta-v3", options{"norm_rel_ebd": "batch_norm"}, unsupported, "norm_rel_ebd"},
		{"deberta-v2", options{"conv_kernel_size": 4}, unsupported, "conv_kernel_size"},
		{"modernbert", options{"layer_types": []string{"full_attention"}}, invalid, "layer_types has 1"},
		{"modernbert-plain", options{"rope_scaling": options{"type": "linear", "factor": 2}}, unsupported, "rope_scaling"},
		{"modernbert-plain", options{"local_rope_theta": nil}, unsupported, "local_rope_theta"},
		{"nomic-published", options{"rotary_scaling_factor": 2}, unsupported, "rotary_scaling_factor"},
		{"nomic-published", options{"rotary_emb_interleaved": true}, unsupported, "rotary_emb_interleaved"},
		{"nomic-published", options{"rotary_emb_fraction": 0.5}, unsupported, "rotary_emb_fraction"},
		{"nomic-published", options{"prenorm": true}, unsupported, "prenorm"},
		{"nomic-published", options{"causal": true}, unsupported, "causal"},
		{"nomic-published", options{"num_experts": 8}, unsupported, "num_experts"},
		{"nomic-published", options{"activation_function": "gelu"}, unsupported, "activation_function"},
		{"new", options{"pack_qkv": false}, unsupported, "pack_qkv"},
		{"new", options{"logn_attention_scale": true}, unsupported, "logn_attention_scale"},
		{"new", options{"layer_norm_type": "rms_norm"}, unsupported, "layer_norm_type"},
		{"new", options{"rope_scaling": options{"type": "ntk", "factor": 2, "mixed_b": 0.5}}, unsupported, "mixed_b"},
		{"jina", options{"feed_forward_type": "original"}, unsupported, "feed_forward_type"},
		{"t5", options{"is_decoder": true}, unsupported, "is_decoder"},
		{"t5", options{"dense_act_fn": "silu"}, unsupported, "dense_act_fn"},
		{"t5", options{"relative_attention_num_buckets": 1}, invalid, "buckets"},
		{"llama-linear", options{"rope_scaling": options{"rope_type": "dynamic", "factor": 2}}, unsupported, "rope_type"},
		{"llama-linear", options{"rope_scaling": options{"rope_type": "longrope", "factor": 2}}, unsupported, "rope_type"},
		{"llama-linear", options{"rope_scaling": options{"rope_type": "linear"}}, invalid, "factor"},
		{"llama-linear", options{"rope_scaling": options{"rope_type": "linear", "factor": 2, "bend": 1}}, unsupported, "bend"},
		{"llama-linear", options{"rope_theta": -1}, invalid, "rope_theta"},
		{"llama-linear", options{"partial_rotary_factor": 0.5}, unsupported, "partial_rotary_factor"},
		{"llama-linear", options{"head_dim": 5}, invalid, "even number"},
		{"llama-linear", options{"head_dim": 1 << 30}, invalid, "even number"},
		{"llama", options{"num_key_value_heads": 3}, invalid, "num_key_value_heads"},
		{"llama", options{"sliding_window": 4}, unsupported, "sliding_window"},
		{"mistral", options{"sliding_window": -4}, invalid, "sliding_window"},
		{"qwen2", options{"layer_types": []string{"full_attention", "chunked_attention"}}, unsupported, "chunked_attention"},
		{"qwen2", options{"use_sliding_window": false}, unsupported, "layer_types"},
		{"gemma", options{"use_bidirectional_attention": true}, unsupported, "use_bidirectional_attention"},
		{"gemma", options{"hidden_activation": "silu"}, unsupported, "hidden_activation"},
		{"gemma3_text", options{"attn_logit_softcapping": 50}, unsupported, "attn_logit_softcapping"},
		{"clip", options{"text_config": "none"}, invalid, "text_config must be an object"},
		{"clip", options{"projection_dim": 9}, invalid, "text_projection"},
	}
	for _, c := range cases {
		t.Run(c.model+"/"+c.says, func(t *testing.T) {
			t.Parallel()
			config, weights, _ := load(t, c.model)
			_, err := Build(change(t, config, c.set), weights)
			wantError(t, err, c.kind, c.says)
		})
	}
}

// TestHarmlessOptionsPass: what real files carry along without effect does not stop a build.
func TestHarmlessOptionsPass(t *testing.T) {
	t.Parallel()
	config, weights, _ := load(t, "bert")
	harmless := options{
		"_name_or_path": "x", "architectures": []string{"BertModel"}, "torch_dtype": "float32", "directionality": "bidi",
		"pooler_type": "first_token_transform", "id2label": options{"0": "A"}, "use_cache": true, "is_decoder": false,
		"pruned_heads": options{}, "quantization_config": nil, "position_embedding_type": "absolute",
		"tie_word_embeddings": true,
		"classifier_dropout":  nil, "transformers_version": "4.8.2", "hidden_dropout_prob": 0.5, "num_hidden_layers": 2.0,
		"auto_map": options{"AutoConfig": "configuration.C"},
	}
	if _, err := Build(change(t, config, harmless), weights); err != nil {
		t.Error(err)
	}
}

func TestBadConfigs(t *testing.T) {
	t.Parallel()
	_, weights, _ := load(t, "bert")
	deep := strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000)
	for _, text := range []string{"", "null", "[]", "{", `{"model_type":"bert"`, "\x00", `{"model_type":"bert"}{}`, deep} {
		_, err := Build([]byte(text), weights)
		wantError(t, err, failure.KindInvalidConfig, "config.json")
	}
	_, err := Build(append([]byte(`{"model_type":"bert"}`), bytes.Repeat([]byte(" "), maxConfig)...), weights)
	wantError(t, err, failure.KindTooLarge, "config.json")
}

// rewritten copies the weights of a model with other names; "" leaves a tensor out, and more tensors are added.
func rewritten(
	t *testing.T, set *weights.Set, rename func(string) string, more map[string][]int64,
) *weights.Set {
	t.Helper()
	type entry struct {
		DType   string   `json:"dtype"`
		Shape   []int64  `json:"shape"`
		Offsets [2]int64 `json:"data_offsets"`
	}
	header, data := map[string]entry{}, []byte{}
	put := func(name, dtype string, shape []int64, raw []byte) {
		begin := int64(len(data))
		data = append(data, raw...)
		header[name] = entry{dtype, shape, [2]int64{begin, int64(len(data))}}
	}
	for _, original := range set.Names() {
		info, _ := set.Lookup(original)
		raw, err := weights.Raw(info)
		if err != nil {
			t.Fatal(err)
		}
		if name := rename(original); name != "" {
			put(name, info.Type, info.Shape, raw)
		}
	}
	for name, shape := range more {
		n := int64(4)
		for _, d := range shape {
			n *= d
		}
		put(name, "F32", shape, make([]byte, n))
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), safetensors.SingleName)
	all := append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), append(text, data...)...)
	if err := os.WriteFile(path, all, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := weights.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestEveryTensorIsAccountedFor: a missing tensor and one of another shape or type are refused.
func TestEveryTensorIsAccountedFor(t *testing.T) {
	t.Parallel()
	config, weights, _ := load(t, "bert")
	same := func(name string) string { return name }
	without := func(gone string) func(string) string {
		return func(name string) string {
			if name == gone {
				return ""
			}
			return name
		}
	}
	const query = "encoder.layer.1.attention.self.query.weight"
	cases := []struct {
		name   string
		rename func(string) string
		more   map[string][]int64
		kind   failure.Kind
		says   string
	}{
		{"missing", without(query), nil, failure.KindMissingTensor, query},
		{"other shape", without(query), map[string][]int64{query: {16, 15}}, failure.KindInvalidConfig, query},
		{"other rank", without(query), map[string][]int64{query: {256}}, failure.KindInvalidConfig, query},
		{"without anchor", without("embeddings.word_embeddings.weight"), nil, failure.KindMissingTensor, "word_embeddings"},
		{"two models", same, map[string][]int64{"bert.embeddings.word_embeddings.weight": {61, 16}},
			failure.KindInvalidFormat, "one model"},
		{"unknown prefix", func(n string) string { return "my." + n }, nil, failure.KindMissingTensor, "word_embeddings"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Build(config, rewritten(t, weights, c.rename, c.more))
			wantError(t, err, c.kind, c.says)
		})
	}
	// A known leftover passes, as the pooler of these weights does.
	if _, err := Build(config, rewritten(t, weights, same, map[string][]int64{"cls.predictions.bias": {61}})); err != nil {
		t.Error(err)
	}
}

// TestLeftOver: tensors without a place are left out and named, as transformers does with a warning; code of its own may
// have a place for them.
func TestLeftOver(t *testing.T) {
	t.Parallel()
	config, weights, _ := load(t, "bert")
	plain, err := Build(config, weights)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"encoder.layer.1.adapter.weight", "encoder.layer.9.output.dense.bias", "my_head.weight"} {
		more := rewritten(t, weights, func(name string) string { return name }, map[string][]int64{name: {2}})
		got, err := Build(config, more)
		if err != nil {
			t.Error(err)
			continue
		}
		if !slices.Equal(got.LeftOver, []string{name}) || len(plain.LeftOver) != 0 || len(got.Graph.Inputs) != len(plain.Graph.Inputs) {
			t.Errorf("%s: left over %q, without it %q", name, got.LeftOver, plain.LeftOver)
		}
		_, err = Build(change(t, config, options{"auto_map": options{"AutoModel": knownCode[0]}}), more)
		wantError(t, err, failure.KindInvalidConfig, name)
	}
}

// TestLayersBeyondTheConfig: config.json has the number of layers; transformers leaves the others of the file out.
func TestLayersBeyondTheConfig(t *testing.T) {
	t.Parallel()
	config, weights, _ := load(t, "bert")
	got, err := Build(change(t, config, options{"num_hidden_layers": 1}), weights)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.LeftOver) != 16 || slices.ContainsFunc(got.LeftOver, func(name string) bool { return !strings.HasPrefix(name, "encoder.layer.1.") }) {
		t.Errorf("left over %q", got.LeftOver)
	}
}

// TestNotANumber: Python writes NaN. It is no value of an option that counts, and nothing to an option that nobody reads.
func TestNotANumber(t *testing.T) {
	t.Parallel()
	config, weights, _ := load(t, "bert")
	with := func(key, value string) []byte {
		return append([]byte(`{"`+key+`":`+value+`,`), bytes.TrimLeft(bytes.TrimSpace(config), "{")...)
	}
	for _, value := range []string{"NaN", "Infinity", "-Infinity"} {
		if _, err := Build(with("trainer_loss", value), weights); err != nil {
			t.Errorf("%s: %v", value, err)
		}
		_, err := Build(bytes.Replace(with("x", "1"), []byte(`"layer_norm_eps"`), []byte(`"layer_norm_eps":`+value+`,"y"`), 1), weights)
		if bytes.Contains(config, []byte("layer_norm_eps")) {
			wantError(t, err, failure.KindInvalidConfig, "layer_norm_eps must be a number, found "+value)
		}
	}
}

// TestModelsWithoutAnImageTower refuses them by name.
func TestModelsWithoutAnImageTower(t *testing.T) {
	t.Parallel()
	config, weights, _ := load(t, "bert")
	_, err := BuildImage(config, weights)
	wantError(t, err, failure.KindUnsupportedModel, "image tower")
}

// FuzzConfig: whatever config.json says, Build ends soon with a graph or an *failure.Error.
func FuzzConfig(f *testing.F) {
	files, err := filepath.Glob(folder("*/config.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("expected configurations in testdata/graph: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	var sets []*weights.Set
	for _, name := range []string{"bert", "mistral", "deberta-v2", "clip"} {
		set, err := weights.Open(folder(name))
		if err != nil {
			f.Fatal(err)
		}
		sets = append(sets, set)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, set := range sets {
			_, err := Build(data, set)
			if _, imageErr := BuildImage(data, set); err == nil {
				err = imageErr
			}
			var e *failure.Error
			if err != nil && !errors.As(err, &e) {
				t.Fatalf("expected an *failure.Error, got %v", err)
			}
		}
	})
}

// TestOptionsNobodyReads: what tools write into config.json and transformers' code does not read changes nothing but the
// list of what was ignored. Code that is not transformers' may read any name.
func TestOptionsNobodyReads(t *testing.T) {
	t.Parallel()
	added := options{"trainer.settings": options{"a": 1}, "matryoshka_sizes": []int{8}, "made_by": "x", "switched_off": false}
	config, weights, _ := load(t, "bert")
	plain, err := Build(config, weights)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Build(change(t, config, added), weights)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"made_by", "matryoshka_sizes", "trainer.settings"}; !slices.Equal(got.Ignored, want) {
		t.Errorf("ignored %q, expected %q", got.Ignored, want)
	}
	if len(plain.Ignored) != 0 || !bytes.Equal(plain.Graph.Bytes, got.Graph.Bytes) {
		t.Errorf("ignored %q before; the graphs are the same: %t", plain.Ignored, bytes.Equal(plain.Graph.Bytes, got.Graph.Bytes))
	}
	added["auto_map"] = options{"AutoModel": knownCode[0]}
	_, err = Build(change(t, config, added), weights)
	wantError(t, err, failure.KindUnsupportedModel, "made_by")
}

// TestOptionsOfEveryFamily: the list of what transformers' code reads is of families that are built, and it is whole: each
// family reads the sizes of its layers.
func TestOptionsOfEveryFamily(t *testing.T) {
	t.Parallel()
	known, err := readOptions()
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range known.Families {
		if _, ok := families[name]; !ok || !slices.Contains(read, "num_attention_heads") || len(read) < 10 {
			t.Errorf("%s: built %t, reads %q", name, ok, read)
		}
	}
	if len(known.Families) == 0 || !slices.Contains(known.Everywhere, "pruned_heads") {
		t.Errorf("%d families; everywhere: %q", len(known.Families), known.Everywhere)
	}
}
