package machine

import "context"

// vendor is a maker of GPUs, and how its GPUs are found.
type vendor struct {
	// name is GPU.Vendor; pci its number among the makers of PCI devices.
	name, pci string
	// driver is the kernel's name of a driver that lists its GPUs itself, by gpus; the kernel's list passes them over.
	driver string
	gpus   func(System, context.Context) []GPU
}

// vendors are tried in this order, then the kernel's list of cards.
var vendors = []vendor{
	nvidiaVendor,
	{name: "amd", pci: "0x1002"},
	{name: "intel", pci: "0x8086"},
}

// gpus finds all GPUs.
func (s System) gpus(ctx context.Context) []GPU {
	var out []GPU
	for _, v := range vendors {
		if v.gpus != nil {
			out = append(out, v.gpus(s, ctx)...)
		}
	}
	out = append(out, s.drm()...)
	if s.Apple != "" {
		out = append(out, GPU{Vendor: "apple", Name: s.Apple, Memory: s.memory().Total})
	}
	return out
}
