package library

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrNotLibrary is wrapped by ReadFileInfo's error where the file is no shared library at all.
var ErrNotLibrary = errors.New("not a shared library")

// FileInfo is what a library's file says without being loaded.
type FileInfo struct {
	// Version is ONNX Runtime's version; zero where the file does not tell.
	Version Version
	// OS and Arch are what the file is built for, as GOOS and GOARCH spell it; "" where the file does not tell, as a
	// Mach-O file for several architectures.
	OS, Arch string
}

// maxSection bounds how much of a library's resource section is read.
const maxSection = 4 << 20

// ReadFileInfo reads a shared library's headers. The version comes from the symbol version VERS_1.31.1 of an ELF file,
// the identity of a Mach-O one, the version resource of a Windows DLL.
func ReadFileInfo(r io.ReaderAt) (FileInfo, error) {
	var magic [4]byte
	if _, err := r.ReadAt(magic[:], 0); err != nil {
		return FileInfo{}, fmt.Errorf("%w: it ends before its 4th byte", ErrNotLibrary)
	}
	var info FileInfo
	var err error
	switch {
	case string(magic[:]) == elf.ELFMAG:
		info, err = elfInfo(r)
	case string(magic[:2]) == "MZ":
		info, err = peInfo(r)
	case binary.BigEndian.Uint32(magic[:]) == macho.MagicFat:
		info, err = fatInfo(r)
	case binary.LittleEndian.Uint32(magic[:]) == macho.Magic64:
		info, err = machoInfo(r)
	default:
		return FileInfo{}, fmt.Errorf("%w: it begins with the bytes % x", ErrNotLibrary, magic)
	}
	if err != nil {
		return FileInfo{}, fmt.Errorf("%w: %w", ErrNotLibrary, err)
	}
	return info, nil
}

// elfInfo looks at the version definitions, of which a library that links by soname has one of its own version.
func elfInfo(r io.ReaderAt) (FileInfo, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return FileInfo{}, err
	}
	if f.Type != elf.ET_DYN {
		return FileInfo{}, fmt.Errorf("expected an ELF shared object, found %s", f.Type)
	}
	info := FileInfo{OS: "linux", Arch: map[elf.Machine]string{
		elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_386: "386", elf.EM_ARM: "arm", elf.EM_PPC64: "ppc64le",
		elf.EM_RISCV: "riscv64", elf.EM_S390: "s390x",
	}[f.Machine]}
	defined, err := f.DynamicVersions()
	if err != nil {
		return info, nil //nolint:nilerr // no version section: a library all the same
	}
	for _, d := range defined {
		if name, ok := strings.CutPrefix(d.Name, "VERS_"); ok {
			if v, err := ParseVersion(name); err == nil {
				info.Version = v
			}
		}
	}
	return info, nil
}

// idDylib is the load command LC_ID_DYLIB, which debug/macho leaves unparsed.
const idDylib = 0xd

func machoInfo(r io.ReaderAt) (FileInfo, error) {
	f, err := macho.NewFile(r)
	if err != nil {
		return FileInfo{}, err
	}
	arch := map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}[f.Cpu]
	return FileInfo{Version: dylibVersion(f), OS: "darwin", Arch: arch}, nil
}

func fatInfo(r io.ReaderAt) (FileInfo, error) {
	f, err := macho.NewFatFile(r)
	if err != nil {
		return FileInfo{}, err
	}
	return FileInfo{Version: dylibVersion(f.Arches[0].File), OS: "darwin"}, nil
}

// dylibVersion reads dylib_command.current_version: 16 bits major, 8 minor, 8 patch (mach-o/loader.h).
func dylibVersion(f *macho.File) Version {
	for _, l := range f.Loads {
		raw := l.Raw()
		if len(raw) < 24 || f.ByteOrder.Uint32(raw) != idDylib {
			continue
		}
		v := f.ByteOrder.Uint32(raw[16:])
		return Version{int(v >> 16), int(v >> 8 & 0xff), int(v & 0xff)}
	}
	return Version{}
}

// fixedFileInfo is VS_FIXEDFILEINFO.dwSignature; dwFileVersionMS and LS follow 8 bytes after it (winver.h).
var fixedFileInfo = []byte{0xbd, 0x04, 0xef, 0xfe}

func peInfo(r io.ReaderAt) (FileInfo, error) {
	f, err := pe.NewFile(r)
	if err != nil {
		return FileInfo{}, err
	}
	info := FileInfo{OS: "windows", Arch: map[uint16]string{
		pe.IMAGE_FILE_MACHINE_AMD64: "amd64", pe.IMAGE_FILE_MACHINE_ARM64: "arm64", pe.IMAGE_FILE_MACHINE_I386: "386",
	}[f.Machine]}
	s := f.Section(".rsrc")
	if s == nil {
		return info, nil
	}
	data := make([]byte, min(s.Size, maxSection))
	n, err := s.ReadAt(data, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return FileInfo{}, err
	}
	data = data[:n]
	if at := bytes.Index(data, fixedFileInfo); at >= 0 && at+16 <= len(data) {
		ms, ls := binary.LittleEndian.Uint32(data[at+8:]), binary.LittleEndian.Uint32(data[at+12:])
		info.Version = Version{int(ms >> 16), int(ms & 0xffff), int(ls >> 16)}
	}
	return info, nil
}
