package runtime

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

// ErrNotLibrary is wrapped by FileVersion's error where the file is no shared library at all.
var ErrNotLibrary = errors.New("not a shared library")

// maxSection bounds how much of a library's resource section is read.
const maxSection = 4 << 20

// FileVersion reads the version of ONNX Runtime from the library's file without loading it: from the symbol version
// VERS_1.31.1 of an ELF file, the identity of a Mach-O one, the version resource of a Windows DLL. The zero Version and
// no error mean that it is a library which does not tell.
func FileVersion(r io.ReaderAt) (Version, error) {
	var magic [4]byte
	if _, err := r.ReadAt(magic[:], 0); err != nil {
		return Version{}, fmt.Errorf("%w: it ends before its 4th byte", ErrNotLibrary)
	}
	var v Version
	var err error
	switch {
	case string(magic[:]) == elf.ELFMAG:
		v, err = elfVersion(r)
	case string(magic[:2]) == "MZ":
		v, err = peVersion(r)
	case binary.BigEndian.Uint32(magic[:]) == macho.MagicFat:
		v, err = fatVersion(r)
	case binary.LittleEndian.Uint32(magic[:]) == macho.Magic64:
		v, err = machoVersion(r)
	default:
		return Version{}, fmt.Errorf("%w: it begins with the bytes % x", ErrNotLibrary, magic)
	}
	if err != nil {
		return Version{}, fmt.Errorf("%w: %w", ErrNotLibrary, err)
	}
	return v, nil
}

// elfVersion looks at the version definitions, of which a library that links by soname has one of its own version.
func elfVersion(r io.ReaderAt) (Version, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return Version{}, err
	}
	if f.Type != elf.ET_DYN {
		return Version{}, fmt.Errorf("expected an ELF shared object, found %s", f.Type)
	}
	defined, err := f.DynamicVersions()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return Version{}, nil // no version section: a library all the same
	}
	for _, d := range defined {
		if name, ok := strings.CutPrefix(d.Name, "VERS_"); ok {
			if v, err := ParseVersion(name); err == nil {
				return v, nil
			}
		}
	}
	return Version{}, nil
}

// idDylib is the load command LC_ID_DYLIB, which debug/macho leaves unparsed.
const idDylib = 0xd

func machoVersion(r io.ReaderAt) (Version, error) {
	f, err := macho.NewFile(r)
	if err != nil {
		return Version{}, err
	}
	return dylibVersion(f), nil
}

func fatVersion(r io.ReaderAt) (Version, error) {
	f, err := macho.NewFatFile(r)
	if err != nil {
		return Version{}, err
	}
	return dylibVersion(f.Arches[0].File), nil
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

func peVersion(r io.ReaderAt) (Version, error) {
	f, err := pe.NewFile(r)
	if err != nil {
		return Version{}, err
	}
	s := f.Section(".rsrc")
	if s == nil {
		return Version{}, nil
	}
	data := make([]byte, min(s.Size, maxSection))
	n, err := s.ReadAt(data, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return Version{}, err
	}
	data = data[:n]
	at := bytes.Index(data, fixedFileInfo)
	if at < 0 || at+16 > len(data) {
		return Version{}, nil
	}
	ms, ls := binary.LittleEndian.Uint32(data[at+8:]), binary.LittleEndian.Uint32(data[at+12:])
	return Version{int(ms >> 16), int(ms & 0xffff), int(ls >> 16)}, nil
}
