package machine

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// drm returns the GPUs of the kernel's graphics drivers: /sys/class/drm/card0/device/. Cards without a known vendor, such
// as a server's console, are no GPUs.
func (s System) drm() []GPU {
	entries, err := fs.ReadDir(s.Root, "sys/class/drm")
	if err != nil {
		return nil
	}
	var gpus []GPU
	count := map[string]int{}
	for _, e := range entries {
		if strings.Trim(e.Name(), "0123456789") != "card" { // card0-HDMI-A-1 is an output of card0
			continue
		}
		dir := path.Join("sys/class/drm", e.Name(), "device")
		pci := strings.TrimSpace(s.read(dir + "/vendor"))
		driver := field(s.read(dir+"/uevent"), "DRIVER=")
		at := slices.IndexFunc(vendors, func(v vendor) bool { return v.pci == pci && pci != "" })
		if at < 0 || driver != "" && driver == vendors[at].driver {
			continue
		}
		vendor := vendors[at].name
		g := GPU{Vendor: vendor, Index: count[vendor], Driver: driver, Memory: number(s.read(dir + "/mem_info_vram_total"))}
		if used := number(s.read(dir + "/mem_info_vram_used")); g.Memory > 0 {
			g.MemoryFree = g.Memory - min(g.Memory, used)
		}
		g.Name = strings.TrimSpace(s.read(dir + "/product_name"))
		if g.Name == "" {
			g.Name = vendor + " GPU " + strings.TrimSpace(s.read(dir+"/device")) // the product's number in pci.ids
		}
		count[vendor]++
		gpus = append(gpus, g)
	}
	return gpus
}
