package library

// Wheel is a release of ONNX Runtime as PyPI has it: a zip file that holds the shared library.
type Wheel struct {
	// OS and Arch are what it runs on, as GOOS and GOARCH spell it.
	OS, Arch string
	// Version is ONNX Runtime's.
	Version string
	// File is the wheel's file name, Size its bytes and SHA256 its digest in hex.
	File   string
	Size   int64
	SHA256 string
	// Library is the path of the library inside.
	Library string
}

// wheels are the ones Install takes, one a platform: the CPython 3.11 wheels, because what they hold of the library is the
// same for every CPython. Hashes are those of https://pypi.org/project/onnxruntime/1.31.1/#files.
var wheels = []Wheel{
	{
		OS: "linux", Arch: "amd64", Version: "1.31.1",
		File: "onnxruntime-1.31.1-cp311-cp311-manylinux_2_28_x86_64.whl", Size: 23753652,
		SHA256:  "5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f",
		Library: "onnxruntime/capi/libonnxruntime.so.1.31.1",
	},
	{
		OS: "linux", Arch: "arm64", Version: "1.31.1",
		File: "onnxruntime-1.31.1-cp311-cp311-manylinux_2_28_aarch64.whl", Size: 21413526,
		SHA256:  "da05378364c44d4407e463982d2bf8d5e4cfea873283757e48beeb41df97b7f3",
		Library: "onnxruntime/capi/libonnxruntime.so.1.31.1",
	},
	{
		OS: "darwin", Arch: "arm64", Version: "1.31.1",
		File: "onnxruntime-1.31.1-cp311-cp311-macosx_14_0_arm64.whl", Size: 20871676,
		SHA256:  "60b6b69bfe580eab576cacc5d132a0e9cf2a37fcfd18d46dd191042b1d1ed0d7",
		Library: "onnxruntime/capi/libonnxruntime.1.31.1.dylib",
	},
	{
		OS: "windows", Arch: "amd64", Version: "1.31.1",
		File: "onnxruntime-1.31.1-cp311-cp311-win_amd64.whl", Size: 14885761,
		SHA256:  "c3d91b5de31e2fc82d71bd65b2b22bddee8b49057a3a36338e9a868e0ea90c05",
		Library: "onnxruntime/capi/onnxruntime.dll",
	},
	{
		OS: "windows", Arch: "arm64", Version: "1.31.1",
		File: "onnxruntime-1.31.1-cp311-cp311-win_arm64.whl", Size: 14735267,
		SHA256:  "93800007a7023b3ab26ad72e6463d0d57d84ead49a2f6341954d91438e046bc0",
		Library: "onnxruntime/capi/onnxruntime.dll",
	},
}

// Pinned is the wheel that Install takes on a platform; false if ONNX Runtime releases none for it.
func Pinned(goos, goarch string) (Wheel, bool) {
	for _, w := range wheels {
		if w.OS == goos && w.Arch == goarch {
			return w, true
		}
	}
	return Wheel{}, false
}
