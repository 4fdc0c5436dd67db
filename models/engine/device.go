package engine

import "strings"

// The kinds of device that every engine understands. Any other kind is the word of an execution provider.
const (
	Auto = "auto" // the engine chooses; this never fails for lack of a GPU
	CPU  = "cpu"
	GPU  = "gpu" // the engine's first kind of GPU
)

// Device is what the caller asks to run on. The zero value is Auto.
type Device struct {
	// Kind is Auto ("" too), CPU, GPU, or the word of an execution provider, such as cuda.
	Kind string
	// ID says which of the provider's devices: a number, or the name it goes by. "" leaves it to the provider.
	ID string
}

// ParseDevice splits "cuda:1" into its parts. It knows no providers: an engine decides whether it has such a device.
func ParseDevice(text string) Device {
	kind, id, _ := strings.Cut(text, ":")
	return Device{Kind: kind, ID: id}
}

// String is the device as ParseDevice reads it: auto, cpu, cuda:0.
func (d Device) String() string {
	switch {
	case d.Kind == "":
		return Auto
	case d.ID != "":
		return d.Kind + ":" + d.ID
	}
	return d.Kind
}

// AllowsCPU reports whether a run on the CPU is what was asked for, or one of the choices left open.
func (d Device) AllowsCPU() bool { return d.Kind == "" || d.Kind == Auto || d.Kind == CPU }

// MarshalText makes a device one string in JSON.
func (d Device) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Device) UnmarshalText(text []byte) error {
	*d = ParseDevice(string(text))
	return nil
}
