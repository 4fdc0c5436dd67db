package machine

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// memoryStatus is MEMORYSTATUSEX (sysinfoapi.h).
type memoryStatus struct {
	length, load                                                        uint32
	totalPhys, availPhys, totalPage, availPage, totalVirt, availVirt, _ uint64
}

// native asks the Win32 API.
func (s *System) native() {
	if drive := os.Getenv("SystemDrive"); drive != "" {
		s.Root = os.DirFS(drive + `\`) // "/" is the drive of the working folder
	}
	v := windows.RtlGetVersion()
	s.Version = fmt.Sprintf("Windows %d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
	status := memoryStatus{}
	status.length = uint32(unsafe.Sizeof(status))
	call := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")
	if ok, _, _ := call.Call(uintptr(unsafe.Pointer(&status))); ok != 0 {
		s.Memory = Memory{Total: status.totalPhys, Available: status.availPhys}
	}
}
