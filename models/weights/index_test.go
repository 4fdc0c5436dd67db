package weights

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/divinedevops/probe/models/failure"
)

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

func TestHostileSets(t *testing.T) {
	t.Parallel()
	shard := func(name string) []byte {
		return file(fmt.Sprintf(`{%q:{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, name), 1)
	}
	cases := []struct {
		name  string
		files map[string][]byte
		kind  failure.Kind
		says  string
	}{
		{"nothing", nil, failure.KindMissingFile, "has no weights"},
		{"another format", map[string][]byte{"tf_model.h5": {1}}, failure.KindMissingFile, "has no weights"},
		{"shard above", index(`{"weight_map":{"a":"../x.safetensors"}}`), failure.KindUnsafePath, "plain file name"},
		{"shard below", index(`{"weight_map":{"a":"sub/x.safetensors"}}`), failure.KindUnsafePath, "plain file name"},
		{"shard absolute", index(`{"weight_map":{"a":"/etc/passwd"}}`), failure.KindUnsafePath, "plain file name"},
		{"shard of Windows", index(`{"weight_map":{"a":"..\\x"}}`), failure.KindUnsafePath, "plain file name"},
		{"shard dots", index(`{"weight_map":{"a":".."}}`), failure.KindUnsafePath, "plain file name"},
		{"shard missing", index(`{"weight_map":{"a":"x.safetensors"}}`), failure.KindMissingFile, "x.safetensors"},
		{"no map", index(`{"metadata":{}}`), failure.KindInvalidFormat, "weight_map"},
		{"tensor twice", index(`{"weight_map":{"a":"x","a":"y"}}`), failure.KindInvalidFormat, "comes twice"},
		{"map twice", index(`{"weight_map":{"a":"x"},"weight_map":{"a":"x"}}`), failure.KindInvalidFormat, "comes twice"},
		{"tensor not there", with(index(`{"weight_map":{"a":"x","b":"x"}}`), "x", shard("a")),
			failure.KindMissingTensor, `"b"`},
		{"tensor not named", with(index(`{"weight_map":{"a":"x","b":"y"}}`), "x", shard("a"), "y",
			file(`{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"c":{"dtype":"U8","shape":[0],"data_offsets":[1,1]}}`, 1)),
			failure.KindInvalidFormat, `does not name tensor "c"`},
		{"tensor in two shards", with(index(`{"weight_map":{"a":"x","b":"y"}}`), "x", shard("a"), "y",
			file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[0],"data_offsets":[1,1]}}`, 1)),
			failure.KindInvalidFormat, "is in both"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, data := range c.files {
				write(t, dir, name, data)
			}
			_, err := Open(dir)
			wantError(t, err, c.kind, c.says)
		})
	}
}

func index(text string) map[string][]byte { return map[string][]byte{indexName: []byte(text)} }

func with(files map[string][]byte, more ...any) map[string][]byte {
	for i := 0; i < len(more); i += 2 {
		files[more[i].(string)] = more[i+1].([]byte)
	}
	return files
}

// FuzzIndex: parseIndex ends with names or an error, and never accepts a tensor that is named twice.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`{"metadata":{"total_size":1},"weight_map":{"a":"x.safetensors"}}`))
	f.Add([]byte(`{"weight_map":{"a":"x","a":"y"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		names, err := parseIndex(data)
		if err == nil && len(names) == 0 {
			t.Fatal("an index without tensors was accepted")
		}
	})
}
