package ort

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/divinedevops/probe/machine"
	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/ort/library"
	"github.com/divinedevops/probe/vocabulary"
)

// asked records how a provider asks for itself.
type asked struct {
	name     string
	settings map[string]string
	err      error
}

func (a *asked) byName(name string, settings map[string]string) error {
	a.name, a.settings = name, settings
	return a.err
}

func (a *asked) cuda(settings map[string]string) error { return a.byName("its own function", settings) }

func TestCUDAIsAskedForByNumber(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{"": "0", "0": "0", "7": "7"} {
		var got asked
		if err := cuda.ask(&got, id); err != nil || got.settings["device_id"] != want {
			t.Errorf("%q: expected device %s, found %+v (%v)", id, want, got, err)
		}
	}
	if err := cuda.ask(&asked{err: os.ErrInvalid}, ""); !errors.Is(err, os.ErrInvalid) {
		t.Errorf("expected the library's error, found %v", err)
	}
}

// TestCUDAMissing adds what CUDA needs piece by piece, the driver last.
func TestCUDAMissing(t *testing.T) {
	t.Parallel()
	for goos, driver := range map[string]string{
		"linux": "dev/nvidiactl", "windows": "Windows/System32/nvcuda.dll",
	} {
		dir, root := t.TempDir(), fstest.MapFS{}
		s := machine.System{OS: goos, Root: root}
		lib := filepath.Join(dir, "libonnxruntime.so")
		for _, name := range cuda.files(goos) {
			wantMissing(t, cuda.missing(lib, s), vocabulary.RemedyNameLibrary, name, "onnxruntime-gpu")
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		wantMissing(t, cuda.missing(lib, s), vocabulary.RemedyOtherDevice, "driver", driver)
		root[driver] = &fstest.MapFile{}
		if err := cuda.missing(lib, s); err != nil {
			t.Errorf("%s: expected nothing to be missing, found %v", goos, err)
		}
	}
	wantMissing(t, cuda.missing("", machine.System{OS: "darwin"}), vocabulary.RemedyOtherDevice, "CUDA", "darwin")
}

func wantMissing(t *testing.T, err *failure.Error, remedy string, says ...string) {
	t.Helper()
	if err == nil || err.Kind != failure.KindDeviceUnavailable || !slices.Contains(err.Remedies, remedy) {
		t.Fatalf("expected device_unavailable with %s, found %+v", remedy, err)
	}
	for _, s := range says {
		if !strings.Contains(err.Message, s) {
			t.Errorf("expected an error that says %q, found %v", s, err)
		}
	}
}

func TestParseDevice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]engine.Device{
		"auto": {Kind: engine.Auto}, "cpu": {Kind: engine.CPU}, "gpu": {Kind: engine.GPU},
		"cuda": {Kind: "cuda", ID: "0"}, "cuda:0": {Kind: "cuda", ID: "0"}, "cuda:63": {Kind: "cuda", ID: "63"},
	} {
		if got, err := ParseDevice(text); err != nil || got != want {
			t.Errorf("%s: expected %+v, found %+v (%v)", text, want, got, err)
		}
	}
	for _, text := range []string{"", "toaster", "CUDA", "cuda:", "cuda:x", "cuda:-1", "cuda:1024", "cpu:0", "gpu:1", "auto:", "cuda:1:2"} {
		got, err := ParseDevice(text)
		if err == nil || err.Error() != `expected auto, cpu, gpu or cuda[:N], found "`+text+`"` {
			t.Errorf("%q: expected an error that lists the devices, found %+v, %v", text, got, err)
		}
	}
}

// TestTableIsInVocabulary: a report and an event may name every provider.
func TestTableIsInVocabulary(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{engine.Auto: true, engine.GPU: true}
	for _, p := range providers {
		if !slices.Contains(vocabulary.ExecutionProviders(), p.name) || !slices.Contains(vocabulary.DeviceTypes(), p.deviceType) {
			t.Errorf("%s or its device type %q is not in the vocabulary", p.name, p.deviceType)
		}
		if p.word == "" || seen[p.word] || strings.Contains(p.word, ":") {
			t.Errorf("%s: expected a word of its own, found %q", p.name, p.word)
		}
		seen[p.word] = true
	}
	if got := providers.deviceType("ToasterExecutionProvider"); got != vocabulary.Other {
		t.Errorf("expected %q for an unknown provider, found %q", vocabulary.Other, got)
	}
}

// TestToyProvider adds a provider as a new file would, and sees it asked for, found missing, and preferred where the
// others are not to be had.
func TestToyProvider(t *testing.T) {
	t.Parallel()
	toaster := provider{
		name: "ToasterExecutionProvider", title: "Toaster", word: "toaster", deviceType: "npu", gpu: true,
		systems: []string{"plan9"}, library: "toaster", release: "onnxruntime-toaster",
		hardware: func(s machine.System) error {
			if _, err := s.Root.Open("dev/toaster"); err != nil {
				return errors.New("it is not plugged in")
			}
			return nil
		},
		ask:    func(o sessionOptions, id string) error { return o.byName("Toaster", map[string]string{"slot": id}) },
		failed: []string{"crumbs"}, outOfMemory: []string{"no room for more bread"},
	}
	all := slices.Concat(providers, table{&toaster})
	if diff := cmp.Diff([]string{"auto", "cpu", "gpu", "cuda[:N]", "toaster"}, all.usages()); diff != "" {
		t.Error(diff)
	}
	d, err := all.parse("toaster")
	if err != nil || all.find(d.Kind) != &toaster {
		t.Fatalf("expected the toaster, found %+v (%v)", d, err)
	}
	if _, err := all.parse("toaster:1"); err == nil {
		t.Error("expected a provider without numbers to refuse one")
	}
	gpu := engine.Device{Kind: engine.GPU}
	for goos, want := range map[string]string{"plan9": "toaster", "linux": "cuda:0", "darwin": "cuda:0"} {
		if got := all.resolve(gpu, goos).String(); got != want {
			t.Errorf("%s: expected %s to be its GPU, found %s", goos, want, got)
		}
	}
	dir, root := t.TempDir(), fstest.MapFS{}
	here, lib := machine.System{OS: "plan9", Root: root}, filepath.Join(dir, "libonnxruntime.so")
	for _, word := range []string{"shared", "toaster"} {
		wantMissing(t, toaster.missing(lib, here), vocabulary.RemedyNameLibrary, word, "onnxruntime-toaster")
		if err := os.WriteFile(filepath.Join(dir, library.ProviderFile("plan9", word)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wantMissing(t, toaster.missing(lib, here), vocabulary.RemedyOtherDevice, "plugged in")
	root["dev/toaster"] = &fstest.MapFile{}
	if err := toaster.missing(lib, here); err != nil {
		t.Error(err)
	}
	var got asked
	if err := toaster.ask(&got, "2"); err != nil || got.name != "Toaster" || got.settings["slot"] != "2" {
		t.Errorf("asked %+v (%v)", got, err)
	}
	if all.deviceType(toaster.name) != "npu" || !all.failed("too many crumbs") || !all.outOfMemory("no room for more bread!") ||
		all.failed("bread") {
		t.Error("expected the toaster's device type, and its words for failures")
	}
}
