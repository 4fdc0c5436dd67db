package emit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/divinedevops/probe/vocabulary"
	"github.com/google/uuid"
)

func fixedIdentity() Identity {
	return Identity{
		ClientID:   uuid.MustParse("0d9be1b5-7fb0-4b62-9a4c-5fd0d3f3c001"),
		EventID:    uuid.MustParse("019ab012-3456-7890-abcd-ef0123456789"),
		PathSecret: bytes.Repeat([]byte{7}, 32), AppVersion: "0.1.0", ClientType: "probe", Time: testTime, Getenv: env(),
	}
}

// testdata/telemetry/event.json is the event byte for byte: CONTRACT's keys in CONTRACT's order come first.
func TestEventIsTheContracts(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile(filepath.Join("..", "testdata", "telemetry", "event.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got := NewEvent(miniLM(), fixedIdentity()).Bytes(); string(got) != string(want) {
		t.Errorf("event:\n%swant\n%s", got, want)
	}
}

func TestModelNameAndSource(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		facts        Facts
		name, source string
	}{
		{Facts{Origin: OriginHub, Model: "sentence-transformers/all-MiniLM-L6-v2"}, "sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers"},
		{Facts{Origin: OriginHub, Model: "nomic-ai/nomic-embed-text-v1.5"}, "nomic-ai/nomic-embed-text-v1.5", "nomic"},
		{Facts{Origin: OriginHub, Model: "BAAI/bge-m3"}, "BAAI/bge-m3", "huggingface"},
		{Facts{Origin: OriginHub, Model: "gpt2"}, "gpt2", "huggingface"},
		{Facts{Origin: OriginHub, Model: "baai/BGE-M3"}, "baai/BGE-M3", "huggingface"}, // the hub disregards case
		{Facts{Origin: OriginHub, Model: "acme-corp/secret-project-x"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "secret-project-x"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "BAAI-internal/x"}, "local", "local_path"},
		{Facts{Origin: OriginEndpoint, Provider: "together", Model: "acme-corp/secret-tune"}, "local", "local_path"},
		{Facts{Origin: OriginEndpoint, Provider: "together", Model: "BAAI/bge-m3"}, "BAAI/bge-m3", "together"},
		{Facts{Origin: OriginHub, Model: "Included/x"}, "Included/x", "huggingface"},
		{Facts{Origin: OriginHub, Model: "one/model"}, "one/model", "huggingface"},
		{Facts{Origin: OriginHub, Model: "one/other"}, "local", "local_path"},
		{Facts{Origin: OriginEndpoint, Provider: "openai", Model: "text-embedding-3-small"}, "text-embedding-3-small", "openai"},
		{Facts{Origin: OriginEndpoint, Provider: "my-server", Model: "m"}, "m", "endpoint"},
		{Facts{Origin: OriginEndpoint, Model: "m"}, "m", "endpoint"},
		{Facts{Origin: OriginLocal, Model: "org/name"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "/home/alice/model"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "home/alice"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "../secret"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "a/b/c"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: `C:\models\x`}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "alice/private-model"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "org/for-Alice"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "org/malice"}, "org/malice", "huggingface"},
		{Facts{Origin: OriginHub, Model: "https://user:pw@host/x"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "192.168.1.20/model"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "org/hf_abcdefghijklmnopqrstuvwxyzABCDEF12"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "org/sk-proj-abc123def456ghi789"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: strings.Repeat("a", 97)}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "org/na me"}, "local", "local_path"},
		{Facts{Origin: OriginHub, Model: "org/nam\u00e9"}, "local", "local_path"},
		{Facts{Origin: OriginHub}, "local", "local_path"},
	} {
		id := fixedIdentity()
		id.Getenv = env("HOME", "/home/alice")
		id.Included = Inclusions{"org", "included", "one/model", "alice"}
		m := NewEvent(test.facts, id).Metadata
		if m.ModelName != test.name || m.ModelSource != test.source {
			t.Errorf("%+v: found %q of %q", test.facts, m.ModelName, m.ModelSource)
		}
	}
}

func TestLocalPathHash(t *testing.T) {
	t.Parallel()
	id := fixedIdentity()
	m := NewEvent(Facts{Origin: OriginLocal, LocalPath: "/home/alice/model"}, id).Metadata
	mac := hmac.New(sha256.New, id.PathSecret)
	mac.Write([]byte("/home/alice/model"))
	if want := hex.EncodeToString(mac.Sum(nil)); m.LocalPathHash == nil || *m.LocalPathHash != want {
		t.Errorf("local_path_hash %v, want %s", m.LocalPathHash, want)
	}
	if m := NewEvent(Facts{Origin: OriginHub, Model: "a/b", LocalPath: "/x"}, id).Metadata; m.LocalPathHash != nil {
		t.Errorf("a hub model has no local path, found %s", *m.LocalPathHash)
	}
	id.PathSecret = nil
	if m := NewEvent(Facts{LocalPath: "/x"}, id).Metadata; m.LocalPathHash != nil {
		t.Errorf("without a secret there is no hash, found %s", *m.LocalPathHash)
	}
}

// What is no measurement, or not one of a field's words, is left out.
func TestFieldsOutOfRange(t *testing.T) {
	t.Parallel()
	e := NewEvent(Facts{
		Version: "main", EmbeddingDimension: ptr(-3), MaxSequenceLength: ptr(0), Parameters: ptr(int64(1) << 60),
		Modalities: []string{"smell", "image", "text", "text"}, DistanceMetric: "my metric", Normalization: "L2",
		Pooling: "cls+magic", Drift: []string{"pooling", "/etc/passwd"}, Architecture: "alice_net", DType: "float7",
		ErrorKind: "exploded", DeviceType: "abacus", Backend: "x", ExecutionProvider: "y",
	}, Identity{AppVersion: "devel", ClientType: "Me!", Time: testTime, Getenv: env()})
	got, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"hwid":"","event_name":"model_registration","app_version":"0.0.0","client_type":"probe","metadata":{` +
		`"model_name":"local","model_source":"local_path","model_version":null,"embedding_dimension":null,` +
		`"modalities":["text","image"],"distance_metric":null,"normalization":null,"load_success":false,` +
		`"inference_success":false,"device_type":"other","local_path_hash":null,"timestamp":"2026-11-23T00:00:00Z",` +
		`"client_id":null,"event_id":null,"pooling":null,"max_sequence_length":null,"drift":["pooling"],` +
		`"architecture":"other","parameters":null,"dtype":"other","backend":"other","execution_provider":"other",` +
		`"error_kind":"other"}}`
	if string(got) != want {
		t.Errorf("found %s\nwant  %s", got, want)
	}
	if m := NewEvent(Facts{Pooling: "cls+mean+max"}, fixedIdentity()).Metadata; m.Pooling == nil || *m.Pooling != "cls+mean+max" {
		t.Errorf("several concatenated poolings: %v", m.Pooling)
	}
}

// The largest event there can be stays below the cap that the queue counts with.
func TestLargestEvent(t *testing.T) {
	t.Parallel()
	f := miniLM()
	f.Model = strings.Repeat("Model-", 16) + "/" + strings.Repeat("name-", 19)
	f.Version = "sha256:" + strings.Repeat("ab", 32)
	f.Modalities, f.Drift = vocabulary.Modalities(), vocabulary.DriftKeys()
	f.Pooling = strings.Join(vocabulary.Poolings(), "+")
	f.EmbeddingDimension, f.MaxSequenceLength, f.Parameters = ptr(maxDimension), ptr(maxSequenceLength), ptr(int64(maxParameters))
	f.ExecutionProvider, f.ErrorKind = "NvTensorRTRTXExecutionProvider", "runtime_unavailable"
	id := fixedIdentity()
	id.Included = Inclusions{f.Model}
	id.AppVersion, id.ClientType = "1.2.3-"+strings.Repeat("rc.", 19), strings.Repeat("vector-", 5)
	e := NewEvent(f, id)
	if e.Metadata.ModelName == "local" || e.AppVersion == "0.0.0" || e.ClientType == "probe" {
		t.Fatalf("the event is not the largest: %s", e.Bytes())
	}
	if size := len(e.Bytes()); size > MaxEventBytes/2 {
		t.Errorf("largest event: %d bytes, expected at most half of %d", size, MaxEventBytes)
	}
}

// Consent covers the fields that were shown. Whoever changes them raises FieldsVersion, then this table.
func TestFieldsVersion(t *testing.T) {
	t.Parallel()
	sum := fnv.New64a()
	for _, typ := range []reflect.Type{reflect.TypeFor[Event](), reflect.TypeFor[Metadata]()} {
		for i := range typ.NumField() {
			fmt.Fprintln(sum, typ.Field(i).Tag.Get("json"))
		}
	}
	known := map[int]uint64{1: 0x60bee57ef0d5e1d5}
	if got := sum.Sum64(); known[FieldsVersion] != got {
		t.Errorf("the fields of an event changed (now %#x): raise FieldsVersion, so that users are asked again", got)
	}
}

func TestCheckClientType(t *testing.T) {
	t.Parallel()
	for s, ok := range map[string]bool{
		"probe": true, "vector-inspector": true, "a.b_c-1": true, "": false, "Probe": false, "-x": false, "1x": false,
		"a b": false, "a/b": false, strings.Repeat("a", 41): false,
	} {
		if err := CheckClientType(s); (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
}
