package library

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// fakeELF is the smallest ELF shared object that defines the symbol version VERS_<version>.
func fakeELF(t testing.TB, machine elf.Machine, version string) []byte {
	t.Helper()
	text := "\x00libonnxruntime.so.1\x00VERS_" + version + "\x00"
	var verdef bytes.Buffer
	base, own := uint32(1), uint32(1+len("libonnxruntime.so.1\x00"))
	for i, name := range []uint32{base, own} {
		next := uint32(28)
		if i == 1 {
			next = 0
		}
		put(t, &verdef, uint16(1), uint16(1-i), uint16(i+1), uint16(1), uint32(0), uint32(20), next) // Elf64_Verdef
		put(t, &verdef, name, uint32(0))                                                             // Elf64_Verdaux
	}
	var out bytes.Buffer
	at := uint64(64)
	// Two symbols: the null symbol and one with the version's index, for debug/elf wants a symbol table.
	body := [][]byte{[]byte(text), verdef.Bytes(), make([]byte, 2*24), make([]byte, 2*2), {0}}
	types := []elf.SectionType{elf.SHT_STRTAB, elf.SHT_GNU_VERDEF, elf.SHT_DYNSYM, elf.SHT_GNU_VERSYM, elf.SHT_STRTAB}
	sections := []elf.Section64{{}}
	for i, b := range body {
		sections = append(sections, elf.Section64{Type: uint32(types[i]), Off: at, Size: uint64(len(b)), Link: 1, Info: 2,
			Addralign: 1})
		at += uint64(len(b))
	}
	head := elf.Header64{Type: uint16(elf.ET_DYN), Machine: uint16(machine), Version: 1, Shoff: at, Ehsize: 64,
		Shentsize: 64, Shnum: uint16(len(sections)), Shstrndx: uint16(len(body))}
	copy(head.Ident[:], elf.ELFMAG+"\x02\x01\x01")
	put(t, &out, head)
	for _, b := range body {
		out.Write(b)
	}
	put(t, &out, sections)
	return out.Bytes()
}

// fakeMachO is a Mach-O dylib with its identity alone.
func fakeMachO(t testing.TB, cpu macho.Cpu, major, minor, patch uint32) []byte {
	t.Helper()
	var out bytes.Buffer
	name := []byte("libonnxruntime.1.dylib\x00\x00")
	put(t, &out, macho.Magic64, uint32(cpu), uint32(0), uint32(6), uint32(1), uint32(24+len(name)), uint32(0), uint32(0))
	put(t, &out, uint32(idDylib), uint32(24+len(name)), uint32(24), uint32(0), major<<16|minor<<8|patch, uint32(1<<16), name)
	return out.Bytes()
}

// fakePE is a Windows DLL with a version resource alone.
func fakePE(t testing.TB, machine uint16, major, minor, patch uint32) []byte {
	t.Helper()
	var out, resource bytes.Buffer
	resource.WriteString("some resource tree ")
	put(t, &resource, fixedFileInfo, uint32(1<<16), major<<16|minor, patch<<16)
	dos := make([]byte, 96)
	copy(dos, "MZ")
	binary.LittleEndian.PutUint32(dos[0x3c:], 96)
	out.Write(dos)
	out.WriteString("PE\x00\x00")
	put(t, &out, pe.FileHeader{Machine: machine, NumberOfSections: 1, Characteristics: 0x2000})
	section := pe.SectionHeader32{SizeOfRawData: uint32(resource.Len()), VirtualSize: uint32(resource.Len()),
		PointerToRawData: uint32(out.Len() + 40)}
	copy(section.Name[:], ".rsrc")
	put(t, &out, section)
	out.Write(resource.Bytes())
	return out.Bytes()
}

func put(t testing.TB, to *bytes.Buffer, values ...any) {
	t.Helper()
	for _, v := range values {
		if err := binary.Write(to, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
}

// lib writes a fake ONNX Runtime for linux/amd64 and gives its path.
func lib(t *testing.T, version string, elem ...string) string {
	t.Helper()
	return write(t, fakeELF(t, elf.EM_X86_64, version), elem...)
}

func write(t *testing.T, content []byte, elem ...string) string {
	t.Helper()
	path := filepath.Join(elem...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
