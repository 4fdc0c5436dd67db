package library

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"os"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
)

func TestReadFileInfo(t *testing.T) {
	t.Parallel()
	v := Version{1, 31, 1}
	for name, test := range map[string]struct {
		file []byte
		want FileInfo
	}{
		"elf":          {fakeELF(t, elf.EM_X86_64, "1.31.1"), FileInfo{v, "linux", "amd64"}},
		"elf arm64":    {fakeELF(t, elf.EM_AARCH64, "1.31.1"), FileInfo{v, "linux", "arm64"}},
		"elf untold":   {fakeELF(t, elf.EM_X86_64, "latest"), FileInfo{Version{}, "linux", "amd64"}},
		"mach-o":       {fakeMachO(t, macho.CpuArm64, 1, 31, 1), FileInfo{v, "darwin", "arm64"}},
		"dll":          {fakePE(t, pe.IMAGE_FILE_MACHINE_AMD64, 1, 31, 1), FileInfo{v, "windows", "amd64"}},
		"dll on arm64": {fakePE(t, pe.IMAGE_FILE_MACHINE_ARM64, 1, 31, 1), FileInfo{v, "windows", "arm64"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ReadFileInfo(bytes.NewReader(test.file))
			if err != nil || got != test.want {
				t.Errorf("expected %+v, found %+v (%v)", test.want, got, err)
			}
		})
	}
}

func TestReadFileInfoOfTheRealLibrary(t *testing.T) {
	t.Parallel()
	f, err := os.Open(testenv.ONNXRuntime(t))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := ReadFileInfo(f)
	if err != nil || got.Version.String() != wheels[0].Version {
		t.Errorf("expected version %s, found %+v (%v)", wheels[0].Version, got, err)
	}
}

func TestReadFileInfoRefuses(t *testing.T) {
	t.Parallel()
	program := fakeELF(t, elf.EM_X86_64, "1.31.1")
	program[16] = byte(elf.ET_EXEC)
	for name, file := range map[string][]byte{
		"empty":     nil,
		"text":      []byte("INPUT(libonnxruntime.so.1)"),
		"a program": program,
		"cut elf":   program[:40],
		"cut pe":    fakePE(t, 0x8664, 1, 2, 3)[:99],
	} {
		if got, err := ReadFileInfo(bytes.NewReader(file)); !errors.Is(err, ErrNotLibrary) {
			t.Errorf("%s: expected ErrNotLibrary, found %+v, %v", name, got, err)
		}
	}
}

func FuzzReadFileInfo(f *testing.F) {
	f.Add(fakeELF(f, elf.EM_X86_64, "1.31.1"))
	f.Add(fakeMachO(f, macho.CpuArm64, 1, 31, 1))
	f.Add(fakePE(f, pe.IMAGE_FILE_MACHINE_AMD64, 1, 31, 1))
	f.Fuzz(func(t *testing.T, file []byte) {
		info, err := ReadFileInfo(bytes.NewReader(file))
		if err != nil && info != (FileInfo{}) {
			t.Errorf("expected nothing beside the error %v, found %+v", err, info)
		}
	})
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Version{
		"1.31.1": {1, 31, 1}, "1.31": {1, 31, 0}, "1.31.1rc2": {1, 31, 1}, "1.31.1+cu12": {1, 31, 1}, "1.31.1.2": {1, 31, 1},
	} {
		if got, err := ParseVersion(s); err != nil || got != want {
			t.Errorf("%s: expected %v, found %v (%v)", s, want, got, err)
		}
	}
	for _, s := range []string{"", "1", "so", "1.x.2", "1.2.x", "-1.2.3", "1.99999999999.1"} {
		if got, err := ParseVersion(s); err == nil {
			t.Errorf("%q: expected an error, found %v", s, got)
		}
	}
}
