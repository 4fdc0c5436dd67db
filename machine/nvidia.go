package machine

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// nvidiaProc is where NVIDIA's driver tells of itself: version, and gpus/<bus>/information.
const nvidiaProc = "proc/driver/nvidia"

// nvidiaVendor is NVIDIA. Its own driver lists its GPUs; those of the kernel's driver, nouveau, are listed with the rest.
var nvidiaVendor = vendor{name: "nvidia", pci: "0x10de", driver: "nvidia", gpus: System.nvidia}

// nvidiaDriver are files that are there if NVIDIA's driver is loaded: the control device, WSL's GPU device, the driver's
// own library.
var nvidiaDriver = map[string][]string{
	"linux":   {"dev/nvidiactl", "dev/dxg"},
	"windows": {"Windows/System32/nvcuda.dll"},
}

// NVIDIADriver reports whether NVIDIA's driver is loaded, and which files would show it.
func (s System) NVIDIADriver() (loaded bool, expected []string) {
	for _, name := range nvidiaDriver[s.OS] {
		if _, err := fs.Stat(s.Root, name); err == nil {
			loaded = true
		}
		expected = append(expected, "/"+name)
	}
	return loaded, expected
}

// nvidia returns NVIDIA's GPUs: by nvidia-smi if programs may be run, because it alone knows memory and compute capability;
// else, or where it is missing, by the driver's own files.
func (s System) nvidia(ctx context.Context) []GPU {
	version := s.read(nvidiaProc + "/version")
	_, wsl := fs.Stat(s.Root, "dev/dxg") // WSL has the driver of Windows
	if version == "" && wsl != nil && s.OS != "windows" {
		return nil
	}
	if s.Run != nil {
		out, err := s.Run(ctx, "nvidia-smi",
			"--query-gpu=index,name,driver_version,memory.total,memory.free,compute_cap", "--format=csv,noheader,nounits")
		if err == nil {
			return parseSMI(string(out))
		}
	}
	return s.nvidiaFiles(driverVersion(version))
}

// parseSMI reads nvidia-smi's CSV; memory is in MiB, "[N/A]" where it is not known.
func parseSMI(out string) []GPU {
	var gpus []GPU
	for line := range strings.Lines(out) {
		f := strings.Split(strings.TrimSpace(line), ", ")
		if len(f) != 6 {
			continue
		}
		index, err := strconv.Atoi(f[0])
		if err != nil {
			continue
		}
		g := GPU{Vendor: "nvidia", Index: index, Name: f[1], Driver: f[2], Memory: number(f[3]) << 20,
			MemoryFree: number(f[4]) << 20}
		if !strings.HasPrefix(f[5], "[") {
			g.Compute = f[5]
		}
		gpus = append(gpus, g)
	}
	return gpus
}

// driverVersion finds 550.54.15 in "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 ...".
func driverVersion(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	for word := range strings.FieldsSeq(line) {
		if strings.Count(word, ".") >= 1 && strings.Trim(word, "0123456789.") == "" {
			return word
		}
	}
	return ""
}

// nvidiaFiles reads gpus/<bus>/information. In a container the folder tells of all GPUs of the host, and the device files
// of those that may be used.
func (s System) nvidiaFiles(driver string) []GPU {
	entries, err := fs.ReadDir(s.Root, nvidiaProc+"/gpus")
	if err != nil {
		return nil
	}
	var gpus []GPU
	for _, e := range entries { // sorted by bus, as CUDA_DEVICE_ORDER=PCI_BUS_ID and nvidia-smi number them
		info := s.read(path.Join(nvidiaProc, "gpus", e.Name(), "information"))
		minor := field(info, "Device Minor:")
		if _, err := fs.Stat(s.Root, "dev/nvidia"+minor); minor != "" && err != nil {
			continue
		}
		name := field(info, "Model:")
		if name == "" {
			continue
		}
		if !strings.HasPrefix(name, "NVIDIA") {
			name = "NVIDIA " + name
		}
		gpus = append(gpus, GPU{Vendor: "nvidia", Name: name, Index: len(gpus), Driver: driver})
	}
	return slices.Clip(gpus)
}

// field is the rest of the line that begins with key.
func field(text, key string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}
