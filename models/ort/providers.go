package ort

import (
	"slices"
	"strconv"
	"strings"

	"github.com/divinedevops/probe/models/engine"
	"github.com/divinedevops/probe/vocabulary"
)

// table is a list of providers, in the order in which they are tried.
type table []*provider

// providers are those that can be asked for.
var providers = table{&cpu, &cuda}

// maxDevice bounds a device's number, which a typing error may have made.
const maxDevice = 1024

// ParseDevice reads a device: auto, cpu, gpu, or a provider's word with what it takes. The error lists what is known.
func ParseDevice(text string) (engine.Device, error) { return providers.parse(text) }

// DeviceUsages are the devices that ParseDevice reads, as they are typed.
func DeviceUsages() []string { return providers.usages() }

// ProviderLibrary is the word of the library that a device needs besides ONNX Runtime's own, for library.Search; "" if it
// needs none.
func ProviderLibrary(d engine.Device, goos string) string {
	if p := providers.find(providers.resolve(d, goos).Kind); p != nil {
		return p.library
	}
	return ""
}

func (t table) parse(text string) (engine.Device, error) {
	d := engine.ParseDevice(text)
	if text == engine.Auto || text == engine.GPU {
		return d, nil
	}
	p := t.find(d.Kind)
	if p == nil || d.ID != "" && !p.numbered || strings.HasSuffix(text, ":") {
		return engine.Device{}, unknownDevice(t, text)
	}
	if p.numbered {
		d.ID = asNumber(d.ID)
		if n, err := strconv.ParseUint(d.ID, 10, 32); err != nil || n >= maxDevice {
			return engine.Device{}, unknownDevice(t, text)
		}
	}
	return d, nil
}

func (t table) usages() []string {
	out := []string{engine.Auto}
	for _, p := range t {
		if p.gpu && !slices.Contains(out, engine.GPU) {
			out = append(out, engine.GPU)
		}
		out = append(out, p.usage())
	}
	return out
}

// find returns the provider of that word, nil if there is none.
func (t table) find(word string) *provider {
	for _, p := range t {
		if p.word == word {
			return p
		}
	}
	return nil
}

// gpus are the GPU providers of a system, the preferred one first.
func (t table) gpus(goos string) []*provider {
	var out []*provider
	for _, p := range t {
		if p.gpu && (p.systems == nil || slices.Contains(p.systems, goos)) {
			out = append(out, p)
		}
	}
	return out
}

// resolve turns gpu into the first GPU of the system's first GPU provider. If it has none, the first of the table says
// why.
func (t table) resolve(d engine.Device, goos string) engine.Device {
	if d.Kind != engine.GPU {
		return d
	}
	found := t.gpus(goos)
	for _, p := range t {
		if p.gpu {
			found = append(found, p)
		}
	}
	if len(found) > 0 {
		d = found[0].first()
	}
	return d
}

// first is the provider's first device.
func (p *provider) first() engine.Device {
	d := engine.Device{Kind: p.word}
	if p.numbered {
		d.ID = asNumber("")
	}
	return d
}

// deviceType is the kind of device that a provider stands for, by ONNX Runtime's name of it.
func (t table) deviceType(name string) string {
	for _, p := range t {
		if p.name == name {
			return p.deviceType
		}
	}
	return vocabulary.Other
}

// failed and outOfMemory report whether ONNX Runtime's words are about a device that failed, or its memory.
func (t table) failed(text string) bool {
	return slices.ContainsFunc(t, func(p *provider) bool { return containsAny(text, p.failed) })
}

func (t table) outOfMemory(text string) bool {
	return slices.ContainsFunc(t, func(p *provider) bool { return containsAny(text, p.outOfMemory) })
}
