package ort

import (
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
)

// providerLibraries are the files of the CUDA provider, by operating system; they lie beside the library.
var providerLibraries = map[string][]string{
	"linux":   {"libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"},
	"windows": {"onnxruntime_providers_shared.dll", "onnxruntime_providers_cuda.dll"},
}

// providerMissing says what the CUDA provider of the library at path lacks, nil where its files and a GPU's driver are
// there. It is asked before the library is, which would only say that something could not be loaded.
func providerMissing(path string) error {
	files, ok := providerLibraries[goruntime.GOOS]
	if !ok {
		return fmt.Errorf("ONNX Runtime has no CUDA provider for %s", goruntime.GOOS)
	}
	for _, name := range files {
		file := filepath.Join(filepath.Dir(path), name)
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("this ONNX Runtime is built without CUDA (expected %s): install onnxruntime-gpu and name its "+
				"library with --onnxruntime-lib", file)
		}
	}
	if !gpuPresent() {
		return fmt.Errorf("no NVIDIA driver is loaded on this machine (expected one of %q)", driverFiles[goruntime.GOOS])
	}
	return nil
}

// driverFiles are there where NVIDIA's driver is loaded: the control device, WSL's GPU device, the driver's own library.
var driverFiles = map[string][]string{
	"linux":   {"/dev/nvidiactl", "/dev/dxg"},
	"windows": {`C:\Windows\System32\nvcuda.dll`},
}

func gpuPresent() bool {
	for _, f := range driverFiles[goruntime.GOOS] {
		if _, err := os.Stat(f); err == nil {
			return true
		}
	}
	return false
}
