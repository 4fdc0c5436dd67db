package machine

import (
	"io/fs"
	"path"
	"strings"
)

// vendors are PCI vendor numbers. NVIDIA's own driver tells of its GPUs in nvidia.go; here stand those of nouveau.
var vendors = map[string]string{"0x1002": "amd", "0x8086": "intel", "0x10de": "nvidia"}

// drm gives the GPUs of the kernel's graphics drivers: /sys/class/drm/card0/device/. Cards without a known vendor, such
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
		vendor, ok := vendors[strings.TrimSpace(s.read(dir+"/vendor"))]
		driver := field(s.read(dir+"/uevent"), "DRIVER=")
		if !ok || driver == "nvidia" {
			continue
		}
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
